"""What reading says of an interpreter equals what the interpreter says of itself, or nothing is said."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where import probe
from ipython_where.errors import CommandError
from ipython_where.facts.interpreters.executables import (
    ask_interpreter,
    identify_interpreter,
    parse_home,
    read_interpreter,
    version_of,
)
from ipython_where.model import Interpreter
from ipython_where.runner import Completed, execute, run
from tests.environments import base_python, call, clean_environ, kept, make_in, site_packages

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
PYENV_PYTHONS = sorted(glob.glob(str(PYENV / "versions" / "*" / "bin" / "python")))
SAY = "import sys; print(chr(10).join([sys.prefix, getattr(sys, 'base_prefix', sys.prefix), sys.version.split()[0]]))"


def say(executable: Path | str) -> Interpreter:
    """The interpreter's own answer, by a way that shares nothing with the code that is tested."""
    prefix, base, version = call(executable, "-c", SAY).splitlines()
    return Interpreter(executable=str(executable), prefix=prefix, base_prefix=base, version=version)


def read(executable: Path | str, **environ: str) -> Interpreter | None:
    return read_interpreter(str(executable), environ=clean_environ(**environ))


def no_run(*_args: object, **_options: object) -> Completed:
    raise AssertionError("nothing may be run for what files prove")


def pyenv_python(series: str) -> str:
    found = [python for python in PYENV_PYTHONS if f"/{series}." in python]
    if not found:
        pytest.skip(f"needs a Python {series} from pyenv")
    return found[-1]


def has_headers(python: str) -> bool:
    base = Path(call(python, "-c", "import sysconfig; print(sysconfig.get_paths()['include'])").strip())
    return (base / "patchlevel.h").exists()


@pytest.mark.parametrize("python", PYENV_PYTHONS or [pytest.param("", marks=pytest.mark.skip(reason="needs pyenv"))])
def test_a_pyenv_interpreter_is_read_as_it_says_itself(python: str) -> None:
    assert read(python) == say(python)


def test_the_systems_interpreter_is_read_as_it_says_itself() -> None:
    if not os.path.exists("/usr/bin/python3"):
        pytest.skip("needs /usr/bin/python3")
    expected = say("/usr/bin/python3")
    assert read("/usr/bin/python3") == (
        expected if has_headers(expected.executable) else replace(expected, version=None)
    )


def test_the_search_ends_below_the_root() -> None:
    """`/bin/python3` of a merged /usr falls back to the prefix that was compiled in, which no file tells."""
    if not os.path.exists("/bin/python3") or not os.path.islink("/bin"):
        pytest.skip("needs /bin/python3 and a merged /usr")
    assert read("/bin/python3") is None


@pytest.mark.parametrize("maker", ["uv", "venv", "virtualenv"])
def test_an_environment_is_read_as_it_says_itself(maker: str) -> None:
    python = kept(f"plain-{maker}", maker=maker) / "bin" / "python"  # type: ignore[arg-type]
    assert read(python) == say(python)


@pytest.mark.parametrize("series", ["3.6", "3.10", "3.13"])
def test_old_and_new_environments_nested_copied_and_with_a_space(tmp_path: Path, series: str) -> None:
    base = pyenv_python(series)
    call(base, "-m", "venv", "--without-pip", tmp_path / "a b")
    call(tmp_path / "a b" / "bin" / "python", "-m", "venv", "--without-pip", tmp_path / "nested")
    call(base, "-m", "venv", "--without-pip", "--copies", tmp_path / "copied")
    for name in ("a b", "nested"):
        assert read(tmp_path / name / "bin" / "python") == say(tmp_path / name / "bin" / "python")
    copied = tmp_path / "copied" / "bin" / "python"
    assert read(copied) == replace(say(copied), version=None)  # the base may have been upgraded since


def test_a_symlink_to_an_environments_python_from_elsewhere_is_the_base_interpreter(tmp_path: Path) -> None:
    environment = kept("plain-venv", maker="venv")
    link = tmp_path / "python"
    link.symlink_to(environment / "bin" / "python")
    assert read(link) == say(link)
    assert say(link).prefix != str(environment)


def test_a_symlinked_environment_keeps_the_name_it_was_asked_by(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(kept("plain-venv", maker="venv"))
    python = tmp_path / "link" / "bin" / "python"
    assert read(python) == say(python)
    assert say(python).prefix == str(tmp_path / "link")


@pytest.mark.parametrize("series", ["3.8", "3.12"])
def test_a_folder_that_is_a_symlink_stays_in_the_prefix(tmp_path: Path, series: str) -> None:
    """CPython follows the links of the executable, not those of the folders above it."""
    (tmp_path / "link").symlink_to(Path(pyenv_python(series)).parent.parent)
    (tmp_path / "python").symlink_to("link/bin/python3")
    for python in (tmp_path / "link" / "bin" / "python", tmp_path / "python"):
        assert read(python) == say(python)
    assert say(tmp_path / "python").prefix == str(tmp_path / "link")
    call(tmp_path / "link" / "bin" / "python", "-m", "venv", "--without-pip", tmp_path / "env")
    assert read(tmp_path / "env" / "bin" / "python") == say(tmp_path / "env" / "bin" / "python")


def test_the_version_of_the_environments_file_is_no_proof(tmp_path: Path) -> None:
    """The base is upgraded in place below an environment whose `pyvenv.cfg` still names the old release."""
    environment = tmp_path / "env"
    call(base_python(), "-m", "venv", "--without-pip", environment)
    settings = environment / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("version = 3.", "version = 2."))
    found = read(environment / "bin" / "python")
    assert found == say(environment / "bin" / "python")


def test_an_environment_whose_base_is_not_found_has_no_base_prefix(tmp_path: Path) -> None:
    environment = make_in(tmp_path / "env", python=base_python())
    (environment / "pyvenv.cfg").write_text("home = /nonexistent/bin\n")
    found = read(environment / "bin" / "python")
    assert found is not None and found.prefix == str(environment)
    assert (found.base_prefix, found.version) == (None, None)


@pytest.mark.parametrize("variable", ["PYTHONHOME", "PYTHONPLATLIBDIR"])
def test_nothing_is_proven_under_a_variable_that_steers_the_start_up(variable: str) -> None:
    assert read(base_python(), **{variable: "/x"}) is None


def test_what_is_no_interpreter_is_not_read_as_one(tmp_path: Path) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec {base_python()} "$@"\n')
    wrapper.chmod(0o755)
    shutil.copy("/bin/cat", tmp_path / "cat")
    (tmp_path / "python3").symlink_to("cat")  # another program under that name, as shims of some tools are
    (tmp_path / "python3.9").symlink_to("python3.9")
    (tmp_path / "python3.8").write_bytes(b"\x7fELF")  # not executable
    for name in ("python", "python3", "python3.9", "python3.8", "missing", "."):
        assert read(tmp_path / name) is None, name
    assert read("python") is None
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python").symlink_to(base_python())
    (tmp_path / "env" / "pyvenv.cfg").write_bytes(b"\xff\x00 = nonsense")
    assert read(tmp_path / "env" / "bin" / "python") is None


def test_a_configuration_beside_the_executable_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(base_python())
    (tmp_path / "bin" / "pyvenv.cfg").write_text(f"home = {os.path.dirname(base_python())}\n")
    assert read(tmp_path / "bin" / "python") is None


def test_home_is_read_as_cpython_reads_it() -> None:
    assert parse_home("version = 3.12\nHOME= /a b/bin \n") == "/a b/bin"
    assert parse_home("home =\nhomes = /x\n") is None


@pytest.mark.parametrize("series", ["3.6", "3.13"])
def test_an_interpreter_describes_itself_by_the_probe(series: str) -> None:
    python = pyenv_python(series)
    told = ask_interpreter(python, environ=clean_environ(), run=execute)
    expected = say(python)
    assert (told["protocol"], told["executable"], told["prefix"]) == (probe.PROTOCOL, python, expected.prefix)
    assert (told["base_prefix"], told["version"]) == (expected.base_prefix, expected.version)


def test_a_description_by_another_process_equals_the_one_made_inside_it(tmp_path: Path) -> None:
    """Field by field, with the variables that the process was started with and no entry of the asking side."""
    environ = clean_environ(PYTHONPATH="/from/the/server", HOME=str(tmp_path))
    told = ask_interpreter(sys.executable, environ=environ, run=execute)
    code = "import json, runpy, sys; del sys.path[0]; print(json.dumps(runpy.run_path({!r})['describe']()))"
    (tmp_path / "empty").mkdir()
    argv = [sys.executable, "-B", "-c", code.format(probe.__file__)]
    done = subprocess.run(argv, env=environ, cwd=tmp_path / "empty", capture_output=True, check=True)
    inside = json.loads(done.stdout)
    assert {key: told[key] for key in inside} == inside
    assert told["sys_path"][0] == "/from/the/server"


def test_an_answer_survives_a_sitecustomize_that_prints(tmp_path: Path) -> None:
    environment = make_in(tmp_path / "env")
    (site_packages(environment) / "sitecustomize.py").write_text("print('{\"junk\": 1}', flush=True)\n")
    python = str(environment / "bin" / "python")
    assert ask_interpreter(python, environ=clean_environ(), run=execute)["prefix"] == str(environment)
    (tmp_path / "here").mkdir()
    found = identify_interpreter(python, environ=clean_environ(), cwd=str(tmp_path / "here"), run=run)
    assert (found.executable, found.prefix) == (python, str(environment))


def test_an_interpreter_that_fails_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho one >&2; echo two >&2; exit 3\n")
    broken.chmod(0o755)
    with pytest.raises(CommandError) as caught:
        ask_interpreter(str(broken), environ=clean_environ(), run=execute)
    assert caught.value.lines() == [
        f"`{broken}` ended with 3 and gave no answer",
        "  one",
        "  two",
        "",
        f"hint: `{broken} --version` shows whether it runs at all",
    ]


def test_an_answer_that_is_no_description_is_an_error(tmp_path: Path) -> None:
    liar = tmp_path / "python"
    liar.write_text('#!/bin/sh\nfor last; do :; done\necho "[1]" > "$last"\n')
    liar.chmod(0o755)
    for ask in (ask_interpreter, lambda exe, **more: identify_interpreter(exe, cwd=None, **more)):
        with pytest.raises(CommandError) as caught:
            ask(str(liar), environ=clean_environ(), run=execute)
        assert caught.value.lines() == [f"`{liar}` did not describe itself", "  it wrote '[1]\\n'"]


def test_a_wrapper_is_run_where_its_user_is(tmp_path: Path) -> None:
    """Version managers choose by the working directory; and a module there is not imported on the way."""
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "python"
    wrapper.write_text(f'#!/bin/sh\n[ -f here ] && exec {sys.executable} "$@"\nexit 1\n')
    wrapper.chmod(0o755)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "here").touch()
    for name in ("json", "os", "sitecustomize"):
        (folder / f"{name}.py").write_text("raise SystemExit(9)\n")
    found = identify_interpreter(str(wrapper), environ=clean_environ(PYTHONPATH=str(folder)), cwd=str(folder), run=run)
    assert found == say(sys.executable)


def test_the_version_is_read_where_it_can_be_and_asked_where_not(tmp_path: Path) -> None:
    base = pyenv_python("3.12")
    assert version_of(base, environ=clean_environ(), run=no_run) == say(base).version
    call(base, "-m", "venv", "--without-pip", "--copies", tmp_path / "copied")
    copied = str(tmp_path / "copied" / "bin" / "python")
    assert version_of(copied, environ=clean_environ(), run=run) == say(base).version
    assert version_of("/bin/false", environ=clean_environ(), run=run) is None
