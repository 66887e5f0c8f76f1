"""A world of files for the judgement of commands, told by values: a `commands.Reader` that looks at no disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from ipython_where.judge.commands.kernel import Kernel
from ipython_where.judge.commands.reader import Reached
from ipython_where.model import Interpreter, Setting

PYTHON = {
    "/env": Interpreter(executable="/env/bin/python", prefix="/env", base_prefix="/usr", version="3.12.4"),
    "/other": Interpreter(executable="/other/bin/python", prefix="/other", base_prefix="/usr", version="3.12.4"),
    "/usr": Interpreter(executable="/usr/bin/python3", prefix="/usr", base_prefix="/usr", version="3.11.2"),
}
KERNEL = Kernel(
    executable="/env/bin/python", version="3.12.4", prefix="/env", path=("/env/lib/python3.12/site-packages",)
)
ENVIRON = {"PATH": "/other/bin:/usr/bin", "HOME": "/home/ada"}
ACTIVATE = 'deactivate () {\n}\nVIRTUAL_ENV="/env"\nexport VIRTUAL_ENV\nPATH="$VIRTUAL_ENV/bin:$PATH"\nexport PATH\n'


def programs(prefix: str) -> dict[str, str]:
    """The programs of an environment, each with its prefix."""
    return {f"{prefix}/bin/{name}": prefix for name in ("python", "python3", "pip", "pip3")}


@dataclass(frozen=True, kw_only=True)
class Files:
    """Programs by path with the environment that they serve, texts by path, and which environments have no pip."""

    kind: str = "bash"
    pythons: Mapping[str, Interpreter] = field(default_factory=lambda: PYTHON)
    programs: Mapping[str, str] = field(
        default_factory=lambda: (
            {**programs("/env"), **programs("/other"), "/usr/bin/python3": "/usr"}
            | {
                f"/usr/bin/{name}": ""
                for name in (
                    "make",
                    "mkdir",
                    "ls",
                    "cat",
                    "env",
                    "nohup",
                    "xargs",
                    "sudo",
                    "bash",
                    "sh",
                    "timeout",
                    "uv",
                    "conda",
                )
            }
        )
    )
    texts: Mapping[str, str] = field(default_factory=lambda: {"/env/bin/activate": ACTIVATE})
    directories: frozenset[str] = frozenset(("/", "/env", "/env/bin", "/other", "/here", "/here/inner", "/home/ada"))
    versions: Mapping[str, str] = field(default_factory=lambda: {"/env": "26.3", "/other": "26.3", "/usr": "23.0.1"})
    without_pip: frozenset[str] = frozenset()
    diverted: tuple[Setting, ...] = ()

    def reach(self, name: str, environ: Mapping[str, str], cwd: str) -> Reached:
        entries = [""] if "/" in name else environ.get("PATH", "").split(":")
        for entry in entries:
            path = os.path.normpath(os.path.join(cwd, entry, name))
            if path in self.programs:
                python = self.pythons.get(self.programs[path])
                prefix = python.prefix if python else None
                if os.path.basename(name) in ("conda", "mamba", "micromamba"):
                    prefix = environ.get("CONDA_PREFIX") or prefix
                return Reached(path=path, interpreter=python, prefix=prefix, evidence="as told")
        return Reached(path=None, evidence="no such file" if "/" in name else "not on PATH")

    def finds(self, name: str, path: str, cwd: str) -> bool:
        return self.reach(name, {"PATH": path}, cwd).path is not None

    def of_shell(self, name: str, environ: Mapping[str, str], cwd: str) -> Files | None:
        return replace(self, kind="bash" if name.endswith("bash") else "dash")

    def text(self, path: str) -> str | None:
        return self.texts.get(path)

    def is_file(self, path: str) -> bool:
        return path in self.texts or path in self.programs

    def opens(self, path: str, *, writes: bool) -> bool:
        return writes or self.is_file(path) or path.startswith("/dev/")

    def is_directory(self, path: str) -> bool:
        return path in self.directories

    def is_same(self, one: str, other: str) -> bool | None:
        known = {*self.directories, *self.texts, *self.programs}
        return one == other if one in known and other in known else None

    def real(self, path: str) -> str:
        return path

    def glob(self, pattern: str, cwd: str) -> tuple[str, ...]:
        names = [path.removeprefix(f"{cwd}/") for path in self.texts if path.startswith(f"{cwd}/")]
        return tuple(name for name in names if fnmatchcase(name, pattern))

    def imports(self, module: str, python: Interpreter, environ: Mapping[str, str], cwd: str | None) -> bool | None:
        if cwd is not None and f"{cwd}/{module}.py" in self.texts:
            return None
        return python.prefix not in self.without_pip

    def version(self, project: str, python: Interpreter) -> str | None:
        return self.versions.get(python.prefix)

    def settings(self, tool: str, environ: Mapping[str, str], cwd: str, prefix: str) -> tuple[Setting, ...]:
        return self.diverted
