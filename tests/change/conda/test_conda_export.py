"""`%safeconda export` of a real prefix, and of what is odd in one: nothing secret is written, no file of the user's is lost."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import conda_prefix
from tests.conda_channel import PLATFORM

from .prefixes import Conda, make

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the channel is made for Linux"),
]


@pytest.fixture(scope="module")
def conda(tmp_path_factory: pytest.TempPathFactory) -> Conda:
    """The prefix that is written down."""
    return make(tmp_path_factory.mktemp("conda"), "generic", "links=1.0")


def channel() -> str:
    return (conda_prefix.lab() / "channel").as_uri()


def said(conda: Conda, *lines: str) -> list[str]:
    """The texts of exports, and their errors."""
    return [
        each.get("error") or each["text"] for each in conda.run_all([f"%safeconda export {line}" for line in lines])
    ]


def record_of(conda: Conda, name: str) -> Path:
    """The record of a package."""
    (found,) = (conda.prefix / "conda-meta").glob(f"{name}-*.json")
    return found


@pytest.fixture
def changed(conda: Conda) -> Any:
    """Changes a package's record for one test."""
    meta, kept = conda.prefix / "conda-meta", conda.prefix.with_name("kept")
    shutil.copytree(meta, kept)

    def change(name: str, edit: Callable[[dict[str, Any]], None]) -> None:
        path = record_of(conda, name)
        data = json.loads(path.read_text())
        edit(data)
        path.write_text(json.dumps(data))

    yield change
    shutil.rmtree(meta)
    os.rename(kept, meta)


def test_each_format_of_an_environment(conda: Conda) -> None:
    """As `conda export` of 26.7 wrote it for such a prefix; what was asked for stays in conda's words."""
    text, asked, bare, listed = said(
        conda, "", "--from-history -c mine", "--no-builds --ignore-channels", "--format explicit"
    )
    python = record_of(conda, "python").stem.removeprefix("python-").replace("-", "=")
    assert text.startswith(
        f"name: {conda.prefix}\nchannels:\n  - {channel()}\ndependencies:\n  - generic=2.0=h1_0\n"
        f"  - links=1.0=h1_0\n  - python={python}\n"
    )
    assert re.search(r"\n  - pip:\n(?:      - [a-z][a-z-]*==[\w.]+\n)+prefix: ", text)
    assert "      - py-rattler==0.28" in text
    assert asked == (
        f"name: {conda.prefix}\nchannels:\n  - mine\ndependencies:\n  - python\n  - generic\n  - links=1.0\n"
        f"prefix: {conda.prefix}"
    )
    assert "  - generic=2.0\n" in bare and "channels" not in bare
    assert f"# platform: {PLATFORM}\n@EXPLICIT\n" in listed
    md5 = json.loads(record_of(conda, "generic").read_text())["md5"]
    assert f"\n{channel()}/noarch/generic-2.0-h1_0.conda#{md5}\n" in listed


def test_what_the_history_asks_for(conda: Conda) -> None:
    """As `conda export --from-history` of 26.7 reads and writes it: what is installed, in the order and words of conda's."""
    history = conda.prefix / "conda-meta" / "history"
    text = history.read_text()
    changes = {
        "# update specs: ['links >=1', 'generic 2.*', 'not-there', '*[md5=0123]', 'lin*']": (
            "python",
            "generic=2",
            "links[version='>=1']",
        ),
        "# remove specs: ['generic', 'python=3']": ("links=1.0",),
        "# remove specs: ['generic']\n# update specs: ['generic=2.*=h1*']": (
            "python",
            "links=1.0",
            "generic=2[build=h1*]",
        ),
        "# neutered specs: ['links']": ("python", "generic", "links"),
        "# install specs: links >=1,<3,python": ("python", "generic", "links[version='>=1,<3']"),
        "# update specs: ['mine::links==1.0', 'links[url=https://x/y.conda]']": (
            "python",
            "generic",
            "links[url=https://x/y.conda]",
        ),
    }
    for lines, specs in changes.items():
        history.write_text(f"{text}==> 2026-01-01 00:00:00 <==\n# cmd: conda x\n{lines}\n")
        (written,) = said(conda, "--from-history")
        listed = "".join(f"  - {each}\n" for each in specs)
        assert f"\ndependencies:\n{listed}prefix: " in written, lines
    history.write_text(text)


def test_a_wish_survives_the_file(conda: Conda, tmp_path: Path) -> None:
    """What `--from-history` writes is what `sync` reads: an exact version and the channel, which conda itself drops."""
    conda.must(f"%safeconda install links==1.0 {channel()}::pure=1.0")
    (text,) = said(conda, "--from-history")
    assert f"  - links==1.0\n  - {channel()}::pure=1.0\n" in text
    (tmp_path / "environment.yml").write_text(text)
    done = conda.must(f"%safeconda sync {tmp_path / 'environment.yml'}")
    assert said(conda, "--from-history") == [text], done["text"]
    conda.must("%safeconda undo")
    assert not list((conda.prefix / "conda-meta").glob("pure-*")), done["text"]


def test_no_credential_is_written(conda: Conda, changed: Any) -> None:
    """Neither one in a record nor in the settings, nor in a spec, nor a variable's value; that these are left out is said."""

    def with_token(data: dict[str, Any]) -> None:
        data["url"] = "https://me:pw-CANARY@conda.example/t/tk-CANARY/own/noarch/generic-2.0-h1_0.conda"
        data["channel"] = "https://me:pw-CANARY@conda.example/t/tk-CANARY/own"

    changed("generic", with_token)
    (conda.home / ".condarc").write_text("channels: ['https://me:pw-CANARY@conda.example/t/tk-CANARY/other']\n")
    (conda.prefix / "conda-meta" / "state").write_text('{"env_vars": {"MY_KEY": "tk-CANARY"}}')
    with open(conda.prefix / "conda-meta" / "history", "a") as file:
        file.write(
            "==> 2026-01-01 00:00:00 <==\n# cmd: x\n# update specs: ['https://conda.example/t/tk-CANARY/o::links']\n"
        )
    forms = ("environment.yml", "explicit.txt", "conda-lock.yml", "pixi.lock")
    try:
        texts = said(conda, "", "--from-history", *forms)
    finally:
        (conda.home / ".condarc").unlink()
    texts += [(conda.home / each).read_text() for each in forms]
    assert [each for each in texts if "CANARY" in each] == []
    written = texts[-4:]
    assert all("conda.example/own" in each and "MY_KEY" in each for each in written)
    assert "  - https://conda.example/other\n" in written[0] and "https://conda.example/o::links" in texts[1]
    for each in forms:
        (conda.home / each).unlink()


def test_no_credential_of_a_list_is_kept(conda: Conda, tmp_path: Path) -> None:
    """Neither in the environment after a `sync`, nor in what is exported of it: password, token and query of an address."""
    name = "modes-2.0-h1_0.conda"
    folder = tmp_path / "t" / "tk-CANARY-1" / PLATFORM
    folder.mkdir(parents=True)
    shutil.copy(conda_prefix.lab() / "channel" / PLATFORM / name, folder / name)
    md5 = hashlib.md5((folder / name).read_bytes()).hexdigest()
    forms = ("environment.yml", "explicit.txt", "conda-lock.yml", "pixi.lock")
    with serving(tmp_path) as port:
        address = f"http://me:p@CANARY-2@127.0.0.1:{port}/t/tk-CANARY-1/{PLATFORM}/{name}?sig=CANARY-3"
        (tmp_path / "list.txt").write_text(f"@EXPLICIT\n{address}#{md5}\n")
        done = conda.must(f"%safeconda sync {tmp_path / 'list.txt'}")
    texts = [json.dumps(done), *said(conda, "", *forms), *((conda.home / each).read_text() for each in forms)]
    assert f"http://127.0.0.1:{port}/{PLATFORM}/{name}" in texts[-3]
    kept = [path for path in conda.prefix.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path.name for path in kept if b"CANARY-" in path.read_bytes()] == []
    assert [each for each in texts if "CANARY" in each] == []
    for each in forms:
        (conda.home / each).unlink()
    conda.must("%safeconda undo")


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """The port of a server that has the files of a folder, whatever query they are asked for with."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_odd_records(conda: Conda, changed: Any) -> None:
    """Built in place, from an unknown channel, without hashes, overwritten by pip: what is unknown is refused by name."""
    changed("generic", lambda data: data.update(url="", channel="<unknown>"))
    text, listed, locked = said(conda, "", "--format explicit", "--format conda-lock")
    assert "  - generic=2.0=h1_0\n" in text and "unknown" not in text
    for each in (listed, locked):
        assert "`generic` can't be listed: where they came from is not known" in each
    changed("generic", lambda data: data.update(url=f"{channel()}/noarch/generic-2.0-h1_0.conda", md5=None, sha256=5))
    listed, locked = said(conda, "--format explicit", "--format conda-lock")
    assert f"{channel()}/noarch/generic-2.0-h1_0.conda\n" in listed
    assert "`generic` can't be listed: conda-lock wants an md5" in locked
    record_of(conda, "links").write_text('{"name": "links"')
    for each in said(conda, "", "x.yml", "--format explicit"):
        assert "conda's record `links-1.0-h1_0.json` can't be read" in each and "nothing was written" in each
    assert not (conda.home / "x.yml").exists()


def test_what_pip_put_over_conda(conda: Conda) -> None:
    """It is pip's then, as for conda; a direct URL's credentials are not part of its name and version."""
    conda.must("%safeconda install pure=1.0")
    assert "\n  - pure=1.0=h1_0\n" in said(conda, "")[0]
    info = conda.site / "pure-1.0.dist-info"
    kept = info.with_name("kept")
    shutil.move(info, kept)
    other = conda.site / "pure-3.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: Pure\nVersion: 3.0\n")
    (other / "RECORD").write_text("pure/__init__.py,,\npure-3.0.dist-info/METADATA,,\npure-3.0.dist-info/RECORD,,\n")
    (other / "direct_url.json").write_text('{"url": "https://me:pw-CANARY@x/pure.whl", "archive_info": {}}')
    (text,) = said(conda, "")
    assert "      - pure==3.0\n" in text and "pure=1.0" not in text and "CANARY" not in text
    shutil.rmtree(other)
    shutil.move(kept, info)
    conda.must("%safeconda undo")


def test_a_file_of_the_users_is_kept(conda: Conda) -> None:
    """A file that exists is only overwritten if that is said, an export too: nobody knows who edited it. A folder never."""
    written = {
        "notes.txt": ("numpy is slow?\n- ask\n", "a text"),
        "by-hand.yml": ("# keep me\ndependencies: [numpy]\n", "an `environment.yml`"),
        "conda-lock.yml": ("version: 1\npackage: [{platform: osx-64}]\n", "a lock file of conda-lock's"),
        "empty.yml": ("", "an empty file"),
    }
    for name, (text, _) in written.items():
        (conda.home / name).write_text(text)
    for (name, (text, kind)), error in zip(written.items(), said(conda, *written), strict=True):
        assert error.startswith(f"`{name}` exists already\n"), error
        assert re.search(rf"\n  file +~/{name}\n  holds +{kind}\n  changed +20", error), error
        assert error.endswith(f"hint: `%safeconda export {name} --yes` overwrites it")
        assert (conda.home / name).read_text() == text
    (conda.home / "folder.yml").mkdir()
    os.mkfifo(conda.home / "pipe.yml")
    lines = ("folder.yml", "pipe.yml --yes", "no/such/environment.yml", "https://x/environment.yml", "notes.txt --yes")
    folder, pipe, missing, address, forced = said(conda, *lines)
    assert "`folder.yml` is a folder" in folder and "`%safeconda export folder.yml/environment.yml`" in folder
    assert "`pipe.yml` is no regular file" in pipe
    assert "cannot be written" in missing
    assert "writes a local file, not a URL" in address
    assert forced.startswith("exported 3 conda packages to `notes.txt`, without the ")
    assert "@EXPLICIT" in (conda.home / "notes.txt").read_text()
    (conda.home / "pipe.yml").unlink()


def test_an_overwritten_file_stays_what_it_is(conda: Conda, tmp_path: Path) -> None:
    """The link, the mode, and the files beside it; a new file gets what the umask leaves."""
    real = tmp_path / "environment.yml"
    real.write_text("dependencies: [numpy]\n")
    real.chmod(0o640)
    beside = real.with_name("environment.yml.new")
    beside.write_text("mine\n")
    (conda.home / "linked.yml").symlink_to(real)
    (conda.home / "dangling.yml").symlink_to(tmp_path / "later.yml")
    (conda.home / "linked.yml.new").write_text("mine\n")
    done = said(conda, "linked.yml --yes", "dangling.yml --yes")
    assert all(each.startswith("exported 3 conda packages") for each in done), done
    assert (conda.home / "linked.yml").readlink() == real
    assert "  - generic=2.0=h1_0\n" in real.read_text() and real.stat().st_mode & 0o777 == 0o640
    assert beside.read_text() == (conda.home / "linked.yml.new").read_text() == "mine\n"
    assert "  - generic=2.0=h1_0\n" in (tmp_path / "later.yml").read_text()
    umask = os.umask(0o022)
    os.umask(umask)
    assert (tmp_path / "later.yml").stat().st_mode & 0o777 == 0o644 & ~umask
    assert sorted(each.name for each in tmp_path.iterdir()) == ["environment.yml", "environment.yml.new", "later.yml"]


def test_options_that_do_not_fit_together(conda: Conda) -> None:
    """They are refused with the format that they are for; a prefix without a wish has none to export."""
    refused, unknown = said(conda, "--format explicit --no-builds", "--format toml")
    assert refused == "`--no-builds` is for an `environment.yml`, and this is the format `explicit`"
    assert "`--format toml` is none of `environment-yaml`, `explicit`, `conda-lock`, `rattler-lock`" in unknown
    history = conda.prefix / "conda-meta" / "history"
    text = history.read_text()
    history.write_text("")
    assert "conda's history names nothing that was asked for here" in said(conda, "--from-history")[0]
    history.write_text(text)
