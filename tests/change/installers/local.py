"""A folder of tiny wheels and projects made by hand, an index over it, and environments that are installed from it."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ipython_where.change.installers.interface import Command, Installer, Pin, Site
from ipython_where.change.installers.pip import Pip
from ipython_where.change.installers.process import run_child
from ipython_where.change.installers.uv import Uv
from ipython_where.change.plan.wheelhouse import sole_sources, with_hashes
from ipython_where.change.request.request import Request
from ipython_where.errors import CommandError
from ipython_where.facts.files import read_utf8
from ipython_where.runner import Completed
from tests import environments

BACKEND = """
import base64, hashlib, os, zipfile
NAME, VERSION = {name!r}, {version!r}
META = "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (NAME, VERSION)
INFO = "%s-%s.dist-info/" % (NAME, VERSION)
def _build(folder, files):
    path = "%s-%s-py3-none-any.whl" % (NAME, VERSION)
    tags = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files = {{**files, INFO + "METADATA": META, INFO + "WHEEL": tags}}
    with zipfile.ZipFile(os.path.join(folder, path), "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(INFO + "RECORD", "".join(n + ",,\\n" for n in [*files, INFO + "RECORD"]))
    return path
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return _build(folder, {{NAME + ".py": open(NAME + ".py").read()}})
def build_editable(folder, config_settings=None, metadata_directory=None):
    return _build(folder, {{"__editable__." + NAME + ".pth": os.getcwd() + "\\n"}})
"""


def wheel(
    folder: Path,
    name: str,
    version: str,
    requires: Sequence[str] = (),
    extras: Sequence[str] = (),
    commands: Sequence[str] = (),
) -> Path:
    """A wheel with one module, and programs that would call its `main`."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info/"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    metadata += [f"Provides-Extra: {extra}" for extra in extras]
    files = {
        f"{name}.py": f"__version__ = {version!r}\n",
        info + "METADATA": "\n".join(metadata) + "\n",
        info + "WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if commands:
        scripts = [f"{each} = {name}:main" for each in commands]
        files[info + "entry_points.txt"] = "\n".join(["[console_scripts]", *scripts, ""])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        record = []
        for file, text in files.items():
            archive.writestr(file, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append(f"{file},sha256={digest},{len(text)}\n")
        archive.writestr(info + "RECORD", "".join(record) + f"{info}RECORD,,\n")
    return path


def project(folder: Path, name: str, version: str = "0.1") -> Path:
    """A source project whose build backend is in its own folder: building it needs no download."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        f'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
    )
    (folder / "backend.py").write_text(BACKEND.format(name=name, version=version))
    (folder / f"{name}.py").write_text(f"__version__ = {version!r}\n")
    return folder


def standard_wheels(folder: Path) -> Path:
    """`alpha` 1 and 2 need `beta`; `gamma` needs an older `beta`; `beta` has three versions, one a pre-release."""
    wheel(folder, "alpha", "1.0", ["beta>=1"])
    wheel(folder, "alpha", "2.0", ["beta>=1", 'gamma; extra == "more"'], ["more"])
    for version in ("1.0", "2.0", "3.0rc1"):
        wheel(folder, "beta", version)
    wheel(folder, "gamma", "1.0", ["beta<2"])
    return folder


def world(**more: str) -> dict[str, str]:
    """The variables of a child that must not see this machine's own settings."""
    environ = environments.clean_environ()
    kept = {k: v for k, v in environ.items() if not k.startswith(("PIP_", "UV_")) and "PROXY" not in k.upper()}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", **more}


def site_for(prefix: Path, folder: Path, cwd: Path, **more: str) -> Site:
    """The site of an environment; commands' files stand in ``folder``."""
    folder.mkdir(exist_ok=True)
    return Site(executable=str(prefix / "bin" / "python"), environ=world(**more), cwd=str(cwd), folder=str(folder))


def own_pip(prefix: Path) -> Pip:
    """The pip of an environment."""
    return Pip(start=(str(prefix / "bin" / "python"), "-P", "-m", "pip"), how="pip in the environment")


def own_uv() -> Uv:
    """The uv of the test requirements."""
    return Uv(path=environments.uv(), how="the tests' own")


def carry_out(command: Command) -> Completed:
    """Write a command's files and run it."""
    for path, text in command.files:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
    done = run_child(command, show=lambda line: None)
    return done if command.answer is None else replace(done, stdout=read_utf8(command.answer) or "")


def resolve(installer: Installer, request: Request, site: Site) -> tuple[Pin, ...]:
    """Plan, look into the folders, and detail, as the install does it."""
    pins = installer.parse_plan(carry_out(installer.plan(request, site)), request, site)
    folders = sole_sources(request, (), cwd=site.cwd)
    pins = with_hashes(pins, folders)
    command = installer.detail(pins, request, site)
    return installer.parse_detail(pins, carry_out(command)) if command is not None else pins


def stage(installer: Installer, pins: tuple[Pin, ...], folder: Path, request: Request, site: Site) -> Path:
    """Stage pins; the site-packages of the stage."""
    for command in installer.stage(pins, str(folder), request, site):
        done = carry_out(command)
        if done.returncode:
            raise CommandError("the stage failed", evidence=(done.stderr,))
    return environments.site_packages(folder)


def install(prefix: Path, *words: str) -> None:
    """Put something into an environment at once."""
    subprocess.run(
        [environments.uv(), "pip", "install", "-q", "--python", str(prefix), *words],
        check=True,
        env=world(),
        capture_output=True,
    )


@contextmanager
def index(wheels: Path, root: Path, *, user: str) -> Iterator[str]:
    """A simple index (PEP 503) over a folder of wheels, for ``user`` (`name:password`) alone; its URL."""
    wanted = "Basic " + base64.b64encode(user.encode()).decode()
    for path in wheels.glob("*.whl"):
        page = root / "simple" / path.name.partition("-")[0]
        page.mkdir(parents=True, exist_ok=True)
        (page / path.name).write_bytes(path.read_bytes())
        links = "".join(f'<a href="{each.name}">{each.name}</a>' for each in sorted(page.glob("*.whl")))
        (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            if self.headers.get("Authorization") == wanted:
                super().do_GET()
            else:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic")
                self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple"
        finally:
            server.shutdown()
            thread.join()
