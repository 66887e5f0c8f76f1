"""What an index has to send: each file once, though it is planned first and staged then."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import environments
from tests.faults.wheels import write_source, write_wheel

from .sessions import clean_world, make_environment, session, versions

pytestmark = pytest.mark.usefixtures("installer")


@dataclass(frozen=True, kw_only=True)
class Index:
    """A simple index, and how often each of its files was sent whole."""

    url: str
    sent: Counter[str] = field(default_factory=Counter)


@contextmanager
def counting_index(root: Path) -> Iterator[Index]:
    """An index over the archives in ``root``, without metadata beside them (PEP 658). It lets source be cached, as PyPI does."""
    for path in [*root.glob("*.whl"), *root.glob("*.tar.gz")]:
        page = root / "simple" / path.name.partition("-")[0]
        page.mkdir(parents=True, exist_ok=True)
        (page / path.name).write_bytes(path.read_bytes())
        links = [f'<a href="{each.name}">{each.name}</a>' for each in sorted(page.glob("*-*"))]
        (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")
    sent: Counter[str] = Counter()

    class Counting(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            if name.endswith((".whl", ".gz")):
                sent[name] += 1
            super().do_GET()

        def end_headers(self) -> None:
            if self.path.endswith(".gz"):
                self.send_header("Cache-Control", "max-age=365000000, immutable, public")
            super().end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(root))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Index(url=f"http://127.0.0.1:{server.server_port}/simple", sent=sent)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("options", ["", "--no-cache-dir"])
def test_pip_downloads_each_wheel_once(tmp_path: Path, options: str) -> None:
    """Also where pip may keep no cache. What is installed is recorded as ever, undone as ever, and nothing is left."""
    wheels = tmp_path / "index"
    write_wheel(wheels, "lib", "1.0")
    write_wheel(wheels, "app", "1.0", requires=["lib"])
    prefix = make_environment(tmp_path / "env")
    with (
        counting_index(wheels) as index,
        session(prefix, clean_world(tmp_path / "home"), tmp_path) as run,
    ):
        done = run.changed(f"install --with pip {options} --index-url {index.url} app")
        assert done["plan"]["installer"] == "pip"
        assert index.sent == {"app-1.0-py3-none-any.whl": 1, "lib-1.0-py3-none-any.whl": 1}
        assert versions(prefix) == {"app": "1.0", "lib": "1.0"}
        (site,) = prefix.glob("lib/python3*/site-packages")
        assert sorted(path.name for path in (site / "app-1.0.dist-info").iterdir()) == [
            "INSTALLER",
            "METADATA",
            "RECORD",
            "REQUESTED",
            "WHEEL",
        ]
        assert not (site / "lib-1.0.dist-info" / "REQUESTED").exists()
        run.changed("undo")
        assert versions(prefix) == {}
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


@pytest.mark.parametrize("how", ["", "--no-cache-dir", "variable", "file", "index in a variable"])
def test_pip_downloads_source_once(tmp_path: Path, how: str) -> None:
    """Though it is built twice, comes by plain HTTP, and wherever it is said that nothing may be cached. The private cache does
    not stay.
    """
    write_source(tmp_path / "index" / "app-1.0.tar.gz")
    prefix, world = make_environment(tmp_path / "env"), clean_world(tmp_path / "home")
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nno-cache-dir = true\n")
    more = {"variable": {"PIP_NO_CACHE_DIR": "1"}, "file": {"PIP_CONFIG_FILE": str(settings)}}.get(how, {})
    options = how if how.startswith("-") else ""
    with counting_index(tmp_path / "index") as index:
        if how == "index in a variable":
            more, options = {"PIP_INDEX_URL": index.url.replace("//", "//user:word@")}, ""
        else:
            options = f"{options} --index-url {index.url}"
        with session(prefix, {**world, **more}, tmp_path) as run:
            done = run.changed(f"install --with pip {options} app")
            assert done["plan"]["installer"] == "pip"
            assert index.sent == {"app-1.0.tar.gz": 1}
            assert versions(prefix) == {"app": "1.0"}
            assert not list(prefix.glob("lib/python3*/site-packages/app-1.0.dist-info/direct_url.json"))
    assert list((tmp_path / "home" / "tmp").iterdir()) == []
    assert [path for path in (tmp_path / "home").rglob("pip*") if path.is_dir()] == [] or how in (
        "",
        "index in a variable",
    )


def test_a_file_that_was_changed_since_is_not_taken(tmp_path: Path) -> None:
    """The hash of the plan is checked again as ever: what pip kept is no shortcut around it."""
    wheels = tmp_path / "index"
    write_wheel(wheels, "app", "1.0")
    prefix = make_environment(tmp_path / "env")
    (site,) = prefix.glob("lib/python3*/site-packages")
    (site / "sitecustomize.py").write_text(_SPOILING)
    with (
        counting_index(wheels) as index,
        session(prefix, clean_world(tmp_path / "home"), tmp_path) as run,
    ):
        failed = run(f"install --with pip --index-url {index.url} app")["error"]
        assert "DO NOT MATCH THE HASHES" in failed
        assert "/wheels/app-1.0-py3-none-any.whl" in failed
        assert index.sent == {"app-1.0-py3-none-any.whl": 1}
        assert versions(prefix) == {}
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


_SPOILING = """
import os, sys

def spoil(event, arguments):
    if event == "shutil.rmtree" and os.path.basename(str(arguments[0])).startswith("pip-unpack-"):
        for each in os.scandir(arguments[0]):
            with open(each.path, "ab") as file:  # it stays an archive that can be installed
                file.write(b"!")

sys.addaudithook(spoil)
"""
"""For an environment's start: what pip downloaded and checked becomes another file before it is kept."""


def test_uv_downloads_what_it_downloads_alone(tmp_path: Path) -> None:
    """Though it is started several times, and told to keep no cache: from an index that has neither metadata nor hashes, too."""
    wheels = tmp_path / "index"
    write_wheel(wheels, "lib", "1.0")
    write_wheel(wheels, "app", "1.0", requires=["lib"])
    world = clean_world(tmp_path / "home")
    with counting_index(wheels) as index:
        python = make_environment(tmp_path / "bare") / "bin" / "python"
        line = ("pip", "install", "--quiet", "--no-cache", "--index-url", index.url, "--python", python, "app")
        subprocess.run([environments.uv(), *line], env=world, check=True, capture_output=True)
        alone = dict(index.sent)
    prefix = make_environment(tmp_path / "env")
    with counting_index(wheels) as index, session(prefix, world, tmp_path) as run:
        done = run.changed(f"install --no-cache-dir --index-url {index.url} app")
        assert (done["plan"]["installer"], versions(prefix)) == ("uv", {"app": "1.0", "lib": "1.0"})
        assert index.sent == alone
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_file_that_is_not_what_the_index_says_is_not_installed(tmp_path: Path, installer: str) -> None:
    """Though nobody demands a hash."""
    wheels = tmp_path / "index"
    write_wheel(wheels, "app", "1.0")
    prefix = make_environment(tmp_path / "env")
    with (
        counting_index(wheels) as index,
        session(prefix, clean_world(tmp_path / "home"), tmp_path) as run,
    ):
        _name_hash(wheels, "0" * 64)
        assert "hash" in run(f"install --with {installer} --index-url {index.url} app")["error"].lower()
        assert versions(prefix) == {}


def test_an_older_uv_is_told_the_hashes(tmp_path: Path) -> None:
    """Before 0.13 it does not look whether a download is what the index says."""
    wheels = tmp_path / "index"
    write_wheel(wheels, "app", "1.0")
    digest = hashlib.sha256((wheels / "app-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    prefix = make_environment(tmp_path / "env")
    older, staged = prefix / "bin" / "uv", tmp_path / "staged.txt"
    older.unlink(missing_ok=True)
    older.write_text(
        f"""#!/bin/sh
if [ "$1" = --version ]; then echo 'uv 0.12.24 (x86_64-unknown-linux-gnu)'; exit; fi
case " $* " in *' --requirements - ') cat > {staged}; exec {environments.uv()} "$@" < {staged};; esac
exec {environments.uv()} "$@"
"""
    )
    older.chmod(0o755)
    with (
        counting_index(wheels) as index,
        session(prefix, clean_world(tmp_path / "home"), tmp_path) as run,
    ):
        _name_hash(wheels, digest)
        run.changed(f"install --with uv --index-url {index.url} app")
        assert versions(prefix) == {"app": "1.0"}
    assert staged.read_text() == f"app==1.0 --hash=sha256:{digest}\n"


def test_sizes_that_cannot_be_asked_for_do_not_end_an_install(tmp_path: Path) -> None:
    """They are shown, and nothing else: what is asked beside the staging may be killed."""
    wheels = tmp_path / "index"
    write_wheel(wheels, "app", "1.0")
    write_wheel(wheels, "lib", "1.0")
    prefix = make_environment(tmp_path / "env")
    failing, asked = prefix / "bin" / "uv", tmp_path / "asked"
    failing.unlink(missing_ok=True)
    failing.write_text(
        f"""#!/bin/sh
case " $* " in *' --format pylock.toml '*) touch {asked}; kill -KILL $$;; esac
exec {environments.uv()} "$@"
"""
    )
    failing.chmod(0o755)
    with (
        counting_index(wheels) as index,
        session(prefix, clean_world(tmp_path / "home"), tmp_path) as run,
    ):
        done = run.changed(f"install --index-url {index.url} app lib")
        assert (done["plan"]["installer"], versions(prefix)) == ("uv", {"app": "1.0", "lib": "1.0"})
        assert asked.exists()


def _name_hash(root: Path, digest: str) -> None:
    """Let the index's page say which hash its file has."""
    page = root / "simple" / "app" / "index.html"
    page.write_text(page.read_text().replace('.whl"', f'.whl#sha256={digest}"'))
