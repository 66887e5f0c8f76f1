"""The probe: run by every Python on the machine, compared with what that Python says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ipython_where import probe

from .environments import ROOT, clean_environ, pyenv_pythons

PROBE = ROOT / "ipython_where" / "probe.py"
OTHERS = [
    python
    for python in pyenv_pythons()
    if tuple(int(part) for part in python.parent.parent.name.split(".")[:2]) >= (3, 6)
]


def ask(python: str, output: Path, *flags: str, **env: str) -> dict[str, object]:
    done = subprocess.run(
        [python, *flags, str(PROBE), str(output)],
        env=clean_environ(**env),
        capture_output=True,
        text=True,
        cwd=output.parent,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    answer = json.loads(output.read_text())
    assert isinstance(answer, dict)
    return answer


@pytest.mark.skipif(not OTHERS, reason="no pyenv versions here")
@pytest.mark.parametrize("python", OTHERS, ids=lambda path: path.parent.parent.name)
def test_any_python_from_3_6_describes_itself(python: Path, tmp_path: Path) -> None:
    answer = ask(str(python), tmp_path / "answer.json")
    facts = "sys.executable, sys.prefix, sys.version.split()[0], site.getsitepackages()"
    code = f"import json, sys, site; print(json.dumps([{facts}]))"
    own = json.loads(subprocess.run([python, "-c", code], env=clean_environ(), capture_output=True, check=True).stdout)
    assert [answer["executable"], answer["prefix"], answer["version"], answer["site_directories"]] == own
    assert list(answer) == list(probe.tell())


def test_the_kernel_and_a_script_describe_one_interpreter_alike(tmp_path: Path) -> None:
    here = probe.tell()
    there = ask(sys.executable, tmp_path / "answer.json")
    process_bound = {"sys_path", "flags", "fresh", "cwd", "meta_path", "path_hooks"}
    assert {k: v for k, v in here.items() if k not in process_bound} == {
        k: v for k, v in there.items() if k not in process_bound
    }


def test_the_folder_of_the_probe_is_not_on_the_path_that_it_reports(tmp_path: Path) -> None:
    answer = ask(sys.executable, tmp_path / "answer.json")
    entries = answer["sys_path"]
    assert isinstance(entries, list)
    assert str(PROBE.parent) not in entries
