"""Two environments, a home of its own and a real pip and uv: what an installer really does with its settings."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

from ipython_where.facts.settings.settings import read_settings
from ipython_where.model import Evidence, Finding, Setting
from tests import environments

Case = tuple[dict[str, str], dict[str, str]]
"""Variables, and files by path with their text; `{a}`, `{b}` and `{root}` stand for folders."""

# Starting pip is most of what a command of it costs: it is imported once, and each command is a fork of that process,
# with variables, directory and descriptors of its own. pip reads them when it is called, not when it is imported.
PIP = """\
import json, os, sys
import pip._internal.commands.install, pip._internal.commands.list
from pip._internal.cli.main import main
for line in sys.stdin:
    argv, environ, cwd = json.loads(line)
    child = os.fork()
    if not child:
        os.environ.clear()
        os.environ.update(environ)
        os.chdir(cwd)
        for descriptor in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        sys.exit(main(argv))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def make_wheel(folder: Path) -> Path:
    """A distribution with one module, `tinyone`."""
    path = folder / "tinyone-1.0-py3-none-any.whl"
    info = "tinyone-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tinyone.py", "")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinyone\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


class Pip:
    """The pip of an environment, waiting for commands."""

    def __init__(self, prefix: Path, home: Path) -> None:
        self.process = subprocess.Popen(
            [prefix / "bin/python", "-c", PIP],
            env={"HOME": str(home), "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *argv: str | Path, environ: dict[str, str], cwd: Path) -> int:
        """The exit code of the command."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps([[str(a) for a in argv], environ, str(cwd)]), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()


class World:
    """A home, a working directory and variables of its own, beside the two environments `a` (the kernel's) and `b`."""

    def __init__(self, base: Path, tmp_path: Path) -> None:
        self.base, self.a, self.b, self.root = base, base / "a", base / "b", tmp_path
        self.home, self.cwd = tmp_path / "home", tmp_path / "work" / "sub"
        self.home.mkdir()
        self.cwd.mkdir(parents=True)
        self.environ = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "XDG_CONFIG_DIRS": str(tmp_path / "xdg"),
        }

    def text(self, value: str) -> str:
        return value.replace("{a}", str(self.a)).replace("{b}", str(self.b)).replace("{root}", str(self.root))

    def write(self, path: str, text: str) -> Path:
        file = Path(self.text(path)) if path.startswith("{") else self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.text(text))
        return file

    def lay(self, case: Case) -> None:
        self.environ.update({name: self.text(value) for name, value in case[0].items()})
        for path, text in case[1].items():
            self.write(path, text)

    def read(self) -> tuple[tuple[Setting, ...], tuple[Finding, ...]]:
        return read_settings(environ=self.environ, cwd=str(self.cwd), prefix=str(self.a), platform="linux")

    def diverting(self) -> list[Setting]:
        return [setting for setting in self.read()[0] if setting.diverts]

    def run(self, *argv: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(a) for a in argv],
            env=self.environ,
            cwd=self.cwd,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def uv(self, *argv: str | Path) -> int:
        """The exit code of a `uv pip` command. What uv keeps of an interpreter is kept from test to test."""
        self.environ |= {"UV_CACHE_DIR": str(self.base / "cache"), "UV_PYTHON_DOWNLOADS": "never"}
        return self.run(environments.uv(), "pip", *argv).returncode

    def landed(self) -> bool:
        """Whether the module is in the kernel's environment after an install. It is taken out again."""
        sites = environments.site_packages(self.a), environments.site_packages(self.b)
        landed = (sites[0] / "tinyone.py").exists()
        for site in sites:
            (site / "tinyone.py").unlink(missing_ok=True)
            for file in site.glob("tinyone-1.0.dist-info/*"):
                file.unlink()
            for folder in site.glob("tinyone-1.0.dist-info"):
                folder.rmdir()
        return landed


def named(case: Case) -> str:
    """A test's name for a case."""
    return " ".join([*(f"{k}={v}" for k, v in case[0].items()), *(f"{k}:{v}" for k, v in case[1].items())]) or "nothing"


def broken(tool: str, file: Path, reason: str, hint: str) -> Finding:
    """The finding for a configuration file that cannot be read."""
    return Finding(
        id=f"broken-{tool}-config",
        severity="warning",
        message=f"{tool} cannot read its configuration file `{file}`",
        evidence=(Evidence(label="reason", value=reason),),
        hint=hint,
    )
