"""An index with a password behind a certificate of its own: installs work, and the secret is nowhere to be found."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import environments

from .installers.local import standard_wheels
from .secure_index import Index, make_certificate, secure_index
from .sessions import clean_world, make_environment, session, versions

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="`openssl`, which makes certificates, is absent"),
]

PASSWORD, SPELLED = "s3cr3t@f1rst", "s3cr3t%40f1rst"
TOKEN, WRONG = "t0kens3cr3tvalue", "wr0ngs3cr3t"
SECRETS = tuple(
    each.encode()
    for each in (
        PASSWORD,
        SPELLED,
        TOKEN,
        WRONG,
        base64.b64encode(f"someone:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"someone:{WRONG}".encode()).decode(),
    )
)
RECORDER = (
    "import os, sys; log = os.environ.get('ARGUMENTS_LOG'); "
    "exec(\"with open(log, 'a') as file: file.write(' '.join(sys.orig_argv) + chr(10))\") if log else None\n"
)
"""Every Python that is started in the environment writes down how: whoever looks at the processes sees no more."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An environment, an index and a user's home."""

    folder: Path
    prefix: Path
    index: Index
    certificate: Path
    seen: list[str] = field(default_factory=list)

    def url(self, password: str = SPELLED) -> str:
        """The index with its credentials."""
        return f"https://someone:{password}@{self.index.place}/simple/"

    def environ(self, **more: str) -> dict[str, str]:
        """The user's variables."""
        return clean_world(self.folder / "home", ARGUMENTS_LOG=str(self.folder / "arguments.log"), **more)

    def carry_out(self, *lines: str, **environ: str) -> list[dict[str, Any]]:
        """Carry lines out in one process; everything that was answered, shown and started is kept to be searched."""
        with session(self.prefix, self.environ(**environ), self.folder) as run:
            found = [run(line) for line in lines]
        self.seen.append(json.dumps(found))
        self.seen.append((self.folder / "errors.txt").read_text())
        return found

    def leaks(self, *but: str) -> list[str]:
        """Where a secret is found: in what was shown or started, in the environment, at home, in temporary files.

        ``but``: files, or folders with a slash at their end, that hold it by right.
        """
        shown = [f"shown: {text}" for text in self.seen if _has_secret(text.encode())]
        home = self.folder / "home"
        started = self.folder / "arguments.log"
        files = [path for top in (self.prefix, home) for path in _files(top)]
        return shown + [
            str(path.relative_to(self.folder))
            for path in (*files, started)
            if not _is_among(str(path.relative_to(self.folder)), but) and _has_secret(path.read_bytes())
        ]


def _files(top: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(top):
        yield from (path for name in names if (path := Path(folder, name)).is_file())


def _is_among(path: str, places: tuple[str, ...]) -> bool:
    return any(path == each or (each.endswith("/") and path.startswith(each)) for each in places)


def _has_secret(content: bytes) -> bool:
    return any(secret in content for secret in SECRETS)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    certificate = make_certificate(tmp_path / "certificates")
    wheels = standard_wheels(tmp_path / "wheels")
    prefix = make_environment(tmp_path / "env")
    (environments.site_packages(prefix) / "recorder.pth").write_text(RECORDER)
    user = f"someone:{PASSWORD}"
    with secure_index(wheels, tmp_path / "served", certificate, user=user, token=TOKEN) as index:
        shutil.rmtree(wheels)
        yield Scene(folder=tmp_path, prefix=prefix, index=index, certificate=certificate)


def _configure(scene: Scene, text: str) -> str:
    path = scene.folder / "home" / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return str(path.relative_to(scene.folder))


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_credentials_of_an_option_work_and_are_nowhere(scene: Scene, installer: str) -> None:
    options = f"--with {installer} --cert {scene.certificate}"
    good, failing, wrong, history, lock, undo = scene.carry_out(
        f"install {options} -i {scene.url()} alpha -v",
        f"install {options} -i {scene.url()} no-such-project -v",
        f"install {options} -i {scene.url(WRONG)} gamma",
        "history -v",
        f"lock {options} --index-url={scene.url()}",
        "undo",
    )
    assert good["error"] is None
    assert versions(scene.prefix) == {} and undo["error"] is None
    assert failing["error"].startswith(f"nothing was changed: {installer} could not resolve this\n")
    assert wrong["error"].startswith(f"nothing was changed: {installer} could not resolve this\n")
    assert lock["shown"].startswith("locked 2 distributions in `")
    assert f"https://{scene.index.place}/simple/alpha/alpha-2.0-py3-none-any.whl" in _lock(scene)
    assert [each["changes"][0]["name"] for each in history["answer"]["transactions"]] == ["alpha"]
    assert any("/simple/alpha/" in path for path in scene.index.asked)
    assert scene.leaks() == []
    assert list((scene.folder / "home" / "tmp").iterdir()) == []


def _lock(scene: Scene) -> str:
    text = (scene.folder / "pylock.toml").read_text()
    scene.seen.append(text)
    return text


def test_credentials_of_variables_work_and_are_nowhere(scene: Scene) -> None:
    pip = {"PIP_INDEX_URL": scene.url(), "PIP_CERT": str(scene.certificate)}
    uv = {"UV_DEFAULT_INDEX": scene.url(), "SSL_CERT_FILE": str(scene.certificate)}
    for environ, installer in ((pip, "pip"), (pip, "uv"), (uv, "uv")):
        good, failing, _ = scene.carry_out(
            f"install --with {installer} alpha -v", f"install --with {installer} no-such", "undo", **environ
        )
        assert good["error"] is None
        assert failing["error"].startswith(f"nothing was changed: {installer} could not resolve this\n")
        assert versions(scene.prefix) == {}
    assert scene.leaks() == []


def test_credentials_of_pips_file_work_and_are_nowhere_else(scene: Scene) -> None:
    """`auto` may hand them to uv: that changes nothing of it."""
    file = _configure(scene, f"[global]\nindex-url = {scene.url()}\ncert = {scene.certificate}\n")
    for installer in ("pip", "auto"):
        good, failing, listed, _ = scene.carry_out(
            f"install --with {installer} alpha -v",
            f"install --with {installer} no-such",
            "list",
            "undo",
            PIP_CONFIG_FILE="",  # all of them count
        )
        assert good["error"] is None
        assert "could not resolve this\n" in failing["error"]
        assert "alpha" in listed["shown"]
    assert scene.leaks(file) == []


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_token_in_a_query_works_and_is_nowhere(scene: Scene, installer: str) -> None:
    """uv's own cache, which nobody else may read, keeps the URL that it fetched from."""
    file = f"https://{scene.index.place}/files/beta-2.0-py3-none-any.whl"
    good, again, wrong, *_ = scene.carry_out(
        f'install --with {installer} --no-deps --no-index "beta @ {file}?token={TOKEN}" -v',
        "history",
        f"install --with {installer} --no-deps --force-reinstall {file}?token={WRONG}",
        "freeze",
        "uninstall beta",
        SSL_CERT_FILE=str(scene.certificate),
        PIP_CERT=str(scene.certificate),
    )
    assert good["error"] is None
    assert again["error"] is None
    assert wrong["error"] is not None
    assert scene.leaks(*(["home/.cache/uv/"] if installer == "uv" else [])) == []
