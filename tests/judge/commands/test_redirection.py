"""What a redirected line runs behind its installs is what the shell would have run, with the same outcome."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ipython_where.answer.command import safepip_instead
from ipython_where.answer.world import World
from ipython_where.judge.commands.redirection import Instead
from ipython_where.runner import never

from .test_differential import SHELLS

SCRIPT = """#!{prefix}/bin/python
import sys
from pip._internal.cli.main import main
if __name__ == "__main__":
    if sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(main())
"""
MAIN = """import os

def main():
    os.makedirs("{prefix}/share/new")
    with open("{prefix}/share/x.txt", "w") as file:
        file.write("installed\\n")
    return int(os.environ["STATUS"])
"""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A working directory with an environment ``.other``, whose `pip` comes first, and a shell."""

    folder: Path
    shell: str

    def instead(self, text: str, *, is_cell: bool) -> Instead | None:
        """What is done in place of a text."""
        return safepip_instead(text, World.here(), lambda words: True, program=self.shell, run=never, is_input=is_cell)

    def outcome(self, text: str, status: int, *, is_cell: bool) -> tuple[str, int]:
        """What the shell prints for a text where `pip` ends with ``status``, and its own exit status."""
        words, given = ([self.shell], text) if is_cell else ([self.shell, "-c", text], "")
        environ = {**os.environ, "STATUS": str(status)}
        ran = subprocess.run(words, input=given, capture_output=True, text=True, env=environ, timeout=60)
        subprocess.run(["rm", "-rf", ".other/share/new", ".other/share/x.txt", "made"], check=True)
        return ran.stdout, ran.returncode


@pytest.fixture(params=SHELLS)
def desk(request: pytest.FixtureRequest, shells: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    other = tmp_path / "work" / ".other"
    python = os.path.realpath(sys.executable)
    code = other / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages" / "pip"
    for folder in ("bin", "share", code / "_internal" / "cli"):
        (other / folder).mkdir(parents=True)
    (other / "pyvenv.cfg").write_text(f"home = {os.path.dirname(python)}\n")
    (other / "bin" / "python").symlink_to(python)
    (other / "bin" / "pip").write_text(SCRIPT.format(prefix=other))
    (other / "bin" / "pip").chmod(0o755)
    (code / "__init__.py").touch()
    (code / "_internal" / "cli" / "main.py").write_text(MAIN.format(prefix=other))
    (tmp_path / "work" / "inner").mkdir()
    (tmp_path / "work" / "a.txt").write_text("a\n")
    (tmp_path / "work" / "link").symlink_to(".other/share")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PWD", str(tmp_path / "work"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{other}/bin:/usr/bin:/bin")
    for name in ("BASH_ENV", "ENV", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    return Desk(folder=tmp_path / "work", shell=request.param)


OWN = f"{sys.executable} -c 'import sys; print(sys.stdin.read())'"
LINES = f"""
exit
exit; echo more
exit $UNSET
exit --
exit 4
echo $?
echo $status
echo ${{?}}
echo ${{?:+x}}
echo ${{#?}}
echo $pipestatus
echo $pipestatus[1]
echo $PIPESTATUS
echo "${{PIPESTATUS[0]}}"
echo ${{#PIPESTATUS[@]}}
echo ${{PIPESTATUS:-none}}
echo $((PIPESTATUS))
echo $((status))
test status -eq 0; echo done
test 1 -eq 1 && echo done
printf '%d\\n' status
printf '%s\\n' status-bar
echo done > $?; ls
export A=$?; echo $A
export A=b; echo $A
export A=.other/share; test -e $A/new && echo there
test -d .other/share/new && echo there
test -d .other || echo missing
test -e link/new && echo there
ls .other/share
ls link
ls -a
ls -aR
ls --recursive -a
ls a.txt inner
ls *.txt
ls .*/share
ls .other/share/*.txt
echo .other/*/x*
echo .[a-z]*/share/*
echo *
echo *.txt
echo a* && cat a.txt
cat .other/share/x.txt
cat < .other/share/x.txt
cat a.txt
cat .other/share/*.txt a.txt
wc -l < link/x.txt
wc -l a.txt
du -a .
du -a a.txt
head -n 1 link/x.txt
tail -1 inner/../.other/share/x.txt
cd .other/share; ls
cd link && ls
cd inner && ls ../.other/share
cd inner && ls && pwd
cd inner; cd ../link; echo *
mkdir made && ls -d made
mkdir .other/share/new && echo mine
curl -s file://$PWD/.other/share/x.txt
{OWN}
{sys.executable} -c 'print(open("a.txt").read())'
{sys.executable} .other/share/x.txt
cat
wc -c
tail -n 1
cat -
cat /dev/stdin
cat; echo done
""".strip().splitlines()
CERTAIN = (
    "exit 4",
    "test 1 -eq 1 && echo done",
    "export A=b; echo $A",
    "ls -a",
    "ls a.txt inner",
    "cat a.txt",
    "wc -l a.txt",
    "du -a a.txt",
    "cd inner && ls && pwd",
    "mkdir made && ls -d made",
)


TEXTS = [
    ("pip install x && {}", False),
    ("pip install x; {}\n", False),
    ("pip install x || {}", False),
    ("pip install x && {}", True),
    ("pip install x; {}\n# end\n", True),
    ("pip install x\n{}\necho end\n", True),
]


@pytest.mark.parametrize("line", LINES)
def test_what_follows_does_the_same_or_the_line_is_left_alone(desk: Desk, line: str) -> None:
    """As a line and as a cell, behind an install that succeeds and one that fails, with or without lines after it."""
    for form, is_cell in TEXTS:
        text = form.format(line)
        instead = desk.instead(text, is_cell=is_cell)
        if line in CERTAIN and "||" not in form:
            assert instead is not None, text
        if instead is not None:
            compare(desk, text, instead, is_cell=is_cell)


def compare(desk: Desk, text: str, instead: Instead, *, is_cell: bool) -> None:
    for status, left in ((0, instead.then), (3, instead.otherwise)):
        if left is None:
            continue
        before = desk.outcome(text, status, is_cell=is_cell)
        replaced = f"exec </dev/null\n{left or ':'}" if is_cell else left
        assert desk.outcome(replaced, status, is_cell=False) == before, (text, instead)
