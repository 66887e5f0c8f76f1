"""`%safeconda` in real prefixes: what it links is what rattler links, all or nothing, and each step of it can be undone."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
import zipfile
from base64 import b64encode
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ipython_where.facts.conda.history import read_history
from tests import conda_prefix, environments
from tests.conda_channel import awkward_packages
from tests.faults.trees import Tree, differences, without_compiled
from tests.processes import until

from .prefixes import Conda, cache, make, times

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the channel is made for Linux"),
]

AWKWARD = sorted({each.name for each in awkward_packages()})


@pytest.fixture(scope="module")
def conda(tmp_path_factory: pytest.TempPathFactory) -> Conda:
    """The prefix that most tests share: each undoes what it did."""
    return make(tmp_path_factory.mktemp("conda"))


def history_of(conda: Conda) -> Path:
    return conda.prefix / "conda-meta" / "history"


def told(tree: Tree) -> Tree:
    """A tree without what tells of the change itself: conda's history, and who asked for a package."""
    left = {path: entry for path, entry in tree.items() if path not in ("conda-meta/history", "CACHEDIR.TAG")}
    return {path: entry for path, entry in left.items() if not path.startswith("conda-meta/") or entry[0] != "file"}


def records(prefix: Path) -> dict[str, dict[str, Any]]:
    """conda's records, without the wishes in them and the folders that packages were unpacked in."""
    found = {}
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        data = json.loads(path.read_text())
        data["link"] = data["link"]["type"]
        left = ("requested_spec", "requested_specs", "extracted_package_dir", "package_tarball_full_path")
        found[path.name] = {key: value for key, value in data.items() if key not in left}
    return found


def test_an_install_and_its_undo(conda: Conda) -> None:
    """What was not there can be imported, conda's own records and history tell of it, and an undo takes all of it back."""
    before, marks = conda.tree(), times(conda.prefix)
    done = conda.must("%safeconda install pure")
    assert [(each["name"], each["kind"], each["new"], each["new_build"]) for each in done["plan"]["changes"]] == [
        ("pure", "added", "2.0", "h1_0")
    ]
    assert done["verdict"]["importable"] == ["pure"]
    assert conda.python_says("import pure; print(pure.VERSION)") == "2"
    asked = read_history(str(history_of(conda))).asked
    assert asked is not None and asked["pure"] == "pure"
    assert (conda.prefix / "conda-meta" / "pure-2.0-h1_0.json").is_file()
    conda.must("%safeconda undo")
    assert conda.tree() == before
    assert {path: mark for path, mark in times(conda.prefix).items() if path in marks} == marks


def test_the_prefix_is_as_rattler_would_have_left_it(conda: Conda) -> None:
    """Awkward packages installed, upgraded and removed, each step beside rattler's own in the same prefix; then undone.

    Which of two packages with one file wins is a matter of rattler's threads, so one of them stays out.
    """
    names = [each for each in AWKWARD if each not in ("shared-b", "rival")]
    before = conda.tree()
    seen, done = [], []
    for line in ("install {}=1.0", "install {}=2.0", "remove {}"):
        command, spec = line.split()
        done.append(conda.must(f"%safeconda {command} {' '.join(map(spec.format, names))}")["transaction"]["id"])
        seen.append((told(conda.tree()), records(conda.prefix)))
    undone = [conda.must("%safeconda undo")["transaction"]["undoes"] for _ in seen]
    assert undone == done[::-1]
    assert conda.tree() == before
    kept = conda.prefix.with_name("kept")
    shutil.copytree(conda.prefix, kept, symlinks=True)
    try:
        for version, (tree, said) in zip(("1.0", "2.0"), seen, strict=False):
            conda_prefix.apply(conda.prefix, *(f"{name}={version}" for name in names))
            now = told(conda.tree())
            differing = {
                path: (tree.get(path), now.get(path))
                for path in differences(without_compiled(tree), without_compiled(now))
            }
            assert differing == {}
            assert said == records(conda.prefix)
    finally:
        shutil.rmtree(conda.prefix)
        os.rename(kept, conda.prefix)
    assert differences(seen[-1][0], told(before)) == []


def test_files_stay_hard_links_of_the_cache(conda: Conda) -> None:
    """What is linked from the package cache is the same file as there, and stays it in an undo and its undo."""
    conda.must("%safeconda install generic")
    (cached,) = cache().rglob("generic-2.0-*/share/generic/file")
    path = conda.prefix / "share" / "generic" / "file"
    assert os.path.samefile(path, cached)
    undone = conda.must("%safeconda undo")["transaction"]["id"]
    again = conda.must(f"%safeconda undo {undone}")["transaction"]["id"]
    assert os.path.samefile(path, cached)
    conda.must(f"%safeconda undo {again}")


def test_no_old_bytecode_is_left(conda: Conda) -> None:
    """Both versions have one size and one time, by which Python would take the bytecode for its own."""
    version = "import pure; print(pure.VERSION)"
    conda.must("%safeconda install pure=1.0")
    assert conda.python_says(version, compiles=True) == "1"
    assert list(conda.site.glob("pure/__pycache__/*.pyc"))
    conda.must("%safeconda update pure")
    assert conda.python_says(version, compiles=True) == "2"
    conda.must("%safeconda undo")
    assert conda.python_says(version, compiles=True) == "1"
    conda.must("%safeconda remove pure")
    assert not (conda.site / "pure").exists()


def test_the_cache_is_never_written_through(conda: Conda) -> None:
    """An entry point over another package's file of that name, which rattler writes in place: whether that was there before, or
    comes with it, unpacked already or not.
    """
    conda.must("%safeconda install rival")
    (cached,) = cache().rglob("rival-2.0-*/bin/thing2")
    before = cached.read_bytes()
    conda.must("%safeconda install entry --allow-conflicts")
    assert cached.read_bytes() == before
    for _ in range(2):
        conda.must("%safeconda undo")
    for where in ("", str(conda.home / "cache")):
        conda.environ |= {"RATTLER_CACHE_DIR": where} if where else {}
        conda.must("%safeconda install rival entry --allow-conflicts")
        files = [each for root in (conda_prefix.lab(), conda.home) for each in root.rglob("rival-2.0-*/bin/thing2")]
        assert {each.read_bytes() for each in files} == {before}
        listed = [
            path.name for path in (conda.prefix / "conda-meta").glob("*.json") if b"bin/thing2" in path.read_bytes()
        ]
        assert sorted(listed) == ["entry-2.0-h1_0.json", "rival-2.0-h1_0.json"]
        conda.must("%safeconda undo")
    del conda.environ["RATTLER_CACHE_DIR"]


def test_records_that_contradict_each_other(conda: Conda) -> None:
    """Two of one package, as an installer leaves them that was killed; one that is named after another version."""
    conda.must("%safeconda install generic=1.0")
    record = conda.prefix / "conda-meta" / "generic-1.0-h1_0.json"
    other = record.with_name("generic-0.9-h1_0.json")
    shutil.copy2(record, other)
    assert "conda's record `generic-0.9-h1_0.json` is one of `generic-1.0-h1_0`" in conda.refused(
        "%safeconda update generic"
    )
    other.write_text(other.read_text().replace('"1.0"', '"0.9"'))
    said = conda.refused("%safeconda update generic")
    assert "conda has 2 records of `generic`" in said and other.name in said and record.name in said
    other.unlink()
    conda.must("%safeconda remove generic")


def test_what_pip_installed_gives_way_and_comes_back(conda: Conda) -> None:
    """A distribution of the same name is told, goes as a whole, and an undo brings it back."""
    package = conda.site / "pure"
    package.mkdir()
    (package / "__init__.py").write_text("VERSION = 'pip'\n")
    (package / "extra.py").write_text("")
    info = conda.site / "pure-0.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pure\nVersion: 0.5\n")
    (info / "INSTALLER").write_text("pip\n")
    files = (
        "pure/__init__.py",
        "pure/extra.py",
        *(f"pure-0.5.dist-info/{n}" for n in ("METADATA", "INSTALLER", "RECORD")),
    )
    (info / "RECORD").write_text("".join(f"{each},,\n" for each in files))
    conda.python_says("import pure.extra", compiles=True)
    before = conda.tree()
    done = conda.must("%safeconda install pure")
    (finding,) = [each for each in done["plan"]["findings"] if each["id"] == "pip-replaced"]
    assert [(each["label"], each["value"]) for each in finding["evidence"]] == [("pure", "0.5 → 2.0")]
    assert conda.python_says("import pure; print(pure.VERSION)") == "2"
    assert not info.exists() and not (package / "extra.py").exists()
    assert not [path for path in package.rglob("*.pyc") if path.name.startswith("extra")]
    conda.must("%safeconda undo")
    assert conda.tree() == before
    shutil.rmtree(package)
    shutil.rmtree(info)


def test_a_file_in_the_way_is_kept(conda: Conda) -> None:
    """It was nobody's: it is moved aside, said, and brought back."""
    path = conda.prefix / "share" / "generic" / "file"
    path.parent.mkdir(parents=True)
    path.write_text("mine\n")
    done = conda.must("%safeconda install generic")
    assert path.read_text() == "2.0\n"
    (finding,) = [each for each in done["plan"]["findings"] if each["id"] == "foreign-files"]
    assert "share/generic/file" in str(finding["evidence"])
    conda.must("%safeconda undo")
    assert path.read_text() == "mine\n"
    shutil.rmtree(path.parent)


def test_scripts_are_named_and_not_run(conda: Conda) -> None:
    """conda would run them; they write where they like."""
    done = conda.must("%safeconda install scripts")
    (finding,) = [each for each in done["plan"]["findings"] if each["id"] == "link-scripts"]
    assert "`scripts`" in finding["message"]
    conda.must("%safeconda undo")


def test_one_history_for_both_magics(conda: Conda) -> None:
    """Each takes back what the other did, in any order that leaves everything its needs."""
    before = conda.tree()
    first = conda.must("%safeconda install generic")["transaction"]["id"]
    second = conda.must("%safepip install --no-deps tomli-w")["transaction"]["id"]
    told = conda.must("%safepip history")["transactions"]
    assert [each["id"] for each in told[:2]] == [second, first]
    conda.must(f"%safepip undo {first}")
    conda.must(f"%safeconda undo {second}")
    assert differences(conda.tree(), before) == []


def test_a_change_by_conda_is_not_undone_over(conda: Conda) -> None:
    """Its history is newer: files that it replaced may look the same."""
    id = conda.must("%safeconda install generic")["transaction"]["id"]
    conda_prefix.apply(conda.prefix, "links")
    assert "its files have changed since" in conda.refused(f"%safeconda undo {id}")
    conda.must("%safeconda remove generic links")


def test_a_change_by_others_meanwhile_is_noticed(conda: Conda) -> None:
    """conda takes no lock, so that its records are compared again right before the swap."""
    before = conda.tree()
    with conda.start("%safeconda install generic") as process:
        until(lambda: any(conda.prefix.glob(".safepip/tx-*/stage/conda-meta/history")) or process.poll() is not None)
        with open(history_of(conda), "a") as file:
            file.write("# somebody else\n")
        output, errors = process.communicate()
    assert "another installer changed this environment" in output, errors
    history_of(conda).write_text(history_of(conda).read_text().removesuffix("# somebody else\n"))
    assert conda.tree() == before


def test_mambas_lock_is_waited_for(conda: Conda) -> None:
    """mamba locks a byte of a file in the prefix, which is gone afterwards, as mamba leaves it."""
    path = conda.prefix / "conda-meta" / "conda-meta.lock"
    with open(path, "w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, 21)
        with conda.start("%safeconda install generic") as process:
            until(lambda: any(conda.prefix.glob(".safepip/tx-*/stage")) or process.poll() is not None)
            assert process.poll() is None
            assert not (conda.prefix / "share" / "generic").exists()
            fcntl.lockf(file, fcntl.LOCK_UN, 1, 21)
            output, errors = process.communicate()
    assert json.loads(output.splitlines()[-1])["transaction"], errors
    assert not path.exists()
    conda.must("%safeconda undo")


def test_pins_hold(conda: Conda) -> None:
    """rattler doesn't look at them."""
    pinned = conda.prefix / "conda-meta" / "pinned"
    pinned.write_text("# ours\nmodes ==1.0\n")
    assert [each["new"] for each in conda.must("%safeconda install modes --dry-run")["plan"]["changes"]] == ["1.0"]
    refused = conda.refused("%safeconda install modes=2.0")
    assert "no set of packages meets this" in refused
    assert refused.endswith("hint: `--no-pin` leaves out what is pinned: `modes ==1.0`")
    done = conda.must("%safeconda install modes --no-pin --dry-run")
    assert [each["new"] for each in done["plan"]["changes"]] == ["2.0"]
    pinned.unlink()


def test_what_others_manage(conda: Conda) -> None:
    """A frozen environment, one of pixi's, and one that is none of conda's."""
    meta = conda.prefix / "conda-meta"
    (meta / "frozen").write_text('{"message": "ask the admins"}')
    said = conda.refused("%safeconda install generic")
    assert "this environment is frozen" in said and "ask the admins" in said
    assert conda.must("%safeconda install generic --dry-run --override-frozen")["plan"]["changes"]
    (meta / "frozen").unlink()
    (meta / "pixi").write_text('{"manifest_path": "/work/my project/pixi.toml", "environment_name": "default"}')
    assert "`pixi add --manifest-path '/work/my project/pixi.toml' generic`" in conda.refused(
        "%safeconda install generic"
    )
    assert "`pixi install --manifest-path '/work/my project/pixi.toml'`" in conda.refused("%safeconda sync x.yml")
    (meta / "pixi").unlink()
    os.rename(meta, conda.prefix / "meta")
    assert "is not one of conda's" in conda.refused("%safeconda list")
    os.rename(conda.prefix / "meta", meta)


def test_what_others_need_is_not_removed(conda: Conda) -> None:
    """By conda's records; the line that removes both is said, and works."""
    conda.must("%safeconda install needs")
    said = conda.refused("%safeconda remove shared-a")
    assert "`needs` would no longer have what it needs" in said
    assert "`%safeconda remove shared-a needs` removes both" in said
    conda.must("%safeconda remove shared-a needs")


def test_an_environment_without_rattler(conda: Conda) -> None:
    """The line that installs it is said, and nothing of that is needed for what is there already."""
    (info,) = conda.site.glob("py_rattler-*.dist-info")
    os.rename(info, conda.site / "hidden")
    said = conda.refused("%safeconda install generic")
    assert '`%safepip install "py-rattler>=0.28,<0.29"` installs it' in said
    assert conda.must("%safeconda install python")["plan"]["changes"] == []
    os.rename(conda.site / "hidden", info)


def test_no_credential_is_kept(conda: Conda) -> None:
    """Neither in records nor in history, journal or answer; a channel that asks for them gets them."""
    asked: list[str | None] = []
    folder = conda_prefix.lab() / "channel"

    class Channel(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Authorization"))
            self.path = self.path.removeprefix("/t/tk-CANARY")
            super().do_GET()

        def log_message(self, format: str, *words: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Channel, directory=str(folder)))
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://me:pw-CANARY@127.0.0.1:{server.server_port}/t/tk-CANARY"
        done = conda.must(f"%safeconda install generic --override-channels -c {url}")
        server.shutdown()
    assert b64encode(b"me:pw-CANARY").decode() in {each.removeprefix("Basic ") for each in asked if each}
    assert "CANARY" not in json.dumps(done)
    written = [path for path in conda.prefix.rglob("*.json") if b"CANARY" in path.read_bytes()]
    assert written == [] and "CANARY" not in history_of(conda).read_text()
    conda.must("%safeconda undo")


def test_offline_means_what_was_downloaded(conda: Conda, tmp_path: Path) -> None:
    """Of a channel on another machine, its index and its packages; what is missing is named before anything is linked."""
    folder = conda_prefix.lab() / "channel"

    class Channel(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *words: Any) -> None: ...

    mine = replace(conda, environ={"RATTLER_CACHE_DIR": str(tmp_path / "cache")})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Channel, directory=str(folder)))
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        channel = f"--override-channels -c http://127.0.0.1:{server.server_port}"
        mine.must(f"%safeconda install generic {channel}")
        server.shutdown()
    mine.must("%safeconda undo")
    said = mine.refused(f"%safeconda install generic modes {channel} --offline")
    assert "a package that this needs was never downloaded, and this is offline" in said
    assert "modes-2.0-h1_0.conda" in said and "generic" not in said
    assert mine.must(f"%safeconda install generic {channel} --offline")["plan"]["changes"]
    again = f"%safeconda install generic --force-reinstall {channel} --offline"
    assert [each["kind"] for each in mine.must(again)["plan"]["changes"]] == ["rebuilt"]
    for _ in range(2):
        mine.must("%safeconda undo")


def test_lost_files_come_back(conda: Conda) -> None:
    """What is there in its version is linked again only if that is asked for."""
    conda.must("%safeconda install generic modes")
    whole = conda.tree()
    path = conda.prefix / "share" / "generic" / "file"
    path.unlink()
    assert conda.must("%safeconda install generic")["plan"]["changes"] == []
    done = conda.must("%safeconda install generic --force-reinstall")
    assert [(each["name"], each["kind"]) for each in done["plan"]["changes"]] == [("generic", "rebuilt")]
    assert path.read_text() == "2.0\n"
    assert differences(conda.tree(), whole) == ["conda-meta/history"]
    conda.must("%safeconda undo")
    assert not path.exists()
    conda.must("%safeconda remove generic modes")


def test_what_pip_put_over_a_package_is_given_back(conda: Conda) -> None:
    """One line does it, where pip replaced it and where pip removed it: what is left of pip's copy goes."""
    # linked anew: bare rattler, which has another cache, may have linked it in a test before
    conda.must("%safeconda install --force-reinstall pure=1.0")
    whole = conda.tree()
    line = "%safeconda install --force-reinstall pure"
    conda_prefix.pip_puts(conda.prefix, str(wheel_of(conda.home, "pure", "3.0")))
    assert conda.python_says("import pure; print(pure.VERSION)") == "3.0"
    done = conda.must(line)
    assert [(each["kind"], each["new"]) for each in done["plan"]["changes"]] == [("rebuilt", "1.0")]
    assert differences(without_compiled(conda.tree()), without_compiled(whole)) == ["conda-meta/history"]
    shutil.rmtree(conda.site / "pure")
    shutil.rmtree(conda.site / "pure-1.0.dist-info")
    conda.must(line)
    assert differences(without_compiled(conda.tree()), without_compiled(whole)) == ["conda-meta/history"]
    conda.must("%safeconda remove pure")


def test_what_pip_put_in_a_packages_place_goes_with_it(conda: Conda) -> None:
    """It loses files, so what is left would be broken. It is told, and counts as removed; what stays keeps its files."""
    conda.must("%safeconda install --force-reinstall pure=1.0")
    conda.must("%safeconda install generic")
    conda_prefix.pip_puts(conda.prefix, str(wheel_of(conda.home, "pure", "3.0")))
    shared = conda.prefix / "share" / "generic" / "file"
    (listed,) = conda.site.glob("pure-3.0.dist-info/RECORD")
    listed.write_text(listed.read_text() + f"{os.path.relpath(shared, conda.site)},,\n")
    before = conda.tree()
    for line in ("%safeconda remove pure --dry-run", "%safeconda remove pure"):
        done = conda.must(line)
        (finding,) = [each for each in done["plan"]["findings"] if each["id"] == "pip-removed"]
        assert finding["message"] == "what is removed takes a distribution along that pip put in its place"
        assert [(each["label"], each["value"]) for each in finding["evidence"]] == [("pure", "3.0")]
        assert [each for each in done["plan"]["findings"] if each["id"] == "pip-orphaned"] == []
    assert not (conda.site / "pure").exists() and not list(conda.site.glob("pure-*")) and shared.exists()
    assert conda.python_says("from ipython_where import where; print(where('pure').distribution)") == "None"
    conda.must("%safeconda undo")
    assert conda.tree() == before
    needing = wheel_of(conda.home, "needing", "1.0", "Requires-Dist: pure\n")
    conda_prefix.pip_puts(conda.prefix, str(needing))
    assert "needing" in conda.refused("%safeconda remove pure")
    shutil.rmtree(conda.site / "needing")
    shutil.rmtree(conda.site / "needing-1.0.dist-info")
    conda.must("%safeconda remove pure generic")


def test_a_copy_of_the_same_version_goes_with_its_package(conda: Conda) -> None:
    """conda's list names its metadata, too: that RECORD isn't the one that conda linked proves that pip replaced it."""
    conda.must("%safeconda install --force-reinstall pure=1.0")
    pip_reinstalls(conda, wheel_of(conda.home, "pure", "1.0"))
    code = "from ipython_where import where; found = where('pure'); print(found.distribution.installer, found.conda.replaced)"
    assert conda.python_says(code) == "pip True"
    before = conda.tree()
    for line in ("%safeconda remove pure --dry-run", "%safeconda remove pure"):
        (finding,) = of_pip(conda.must(line))
        assert (finding["id"], values(finding)) == ("pip-removed", {"pure": "1.0"})
    assert not (conda.site / "pure").exists() and not list(conda.site.glob("pure-*"))
    conda.must("%safeconda undo")
    assert conda.tree() == before
    conda.must("%safeconda remove pure")


@pytest.mark.parametrize("line", ["install --force-reinstall pure", "update pure"])
def test_a_copy_of_the_same_version_gives_way(conda: Conda, line: str) -> None:
    """As one of another version does: what is left is what conda links where pip never was."""
    conda.must("%safeconda install --force-reinstall pure=1.0")
    conda.must("%safeconda install --force-reinstall pure" if "install" in line else "%safeconda update pure")
    whole = conda.tree()
    if "update" in line:
        conda.must("%safeconda undo")
    pip_reinstalls(conda, wheel_of(conda.home, "pure", "1.0"))
    (finding,) = of_pip(conda.must(f"%safeconda {line}"))
    assert finding["message"] == "conda takes the place of a distribution that pip installed"
    now = "1.0" if "install" in line else "2.0"
    assert values(finding) == {"pure": f"1.0 → {now}"}
    assert differences(without_compiled(conda.tree()), without_compiled(whole)) == ["conda-meta/history"]
    conda.must("%safeconda remove pure")


def test_where_nothing_proves_a_copy(conda: Conda) -> None:
    """A record without hashes doesn't tell; what stays is named, and conda's own list is no sign of pip's."""
    conda.must("%safeconda install --force-reinstall pure=1.0")
    assert of_pip(conda.must("%safeconda remove pure --dry-run")) == []
    pip_reinstalls(conda, wheel_of(conda.home, "pure", "1.0"))
    record = conda.prefix / "conda-meta" / "pure-1.0-h1_0.json"
    data = json.loads(record.read_text())
    for each in data["paths_data"]["paths"]:
        each.pop("sha256"), each.pop("sha256_in_prefix", None)
    record.write_text(json.dumps(data))
    assert [each["id"] for each in of_pip(conda.must("%safeconda remove pure --dry-run"))] == ["pip-unknown"]
    (finding,) = of_pip(conda.must("%safeconda remove pure"))
    assert finding["message"] == "files of `pure` stay, as nothing proves that pip put them there"
    assert finding["hint"] == "delete them if you had installed `pure` with pip, too"
    assert values(finding) == {"file": str((conda.site / "pure" / "more.py").relative_to(conda.prefix))}
    assert (conda.site / "pure" / "more.py").exists() and not list(conda.site.glob("pure-*"))
    shutil.rmtree(conda.site / "pure")


def test_an_edited_record_proves_no_copy(conda: Conda) -> None:
    """Another installer names itself: what somebody wrote into conda's own list is not taken along."""
    conda.must("%safeconda install --force-reinstall pure=1.0")
    mine = conda.site / "mine.py"
    mine.write_text("MINE = 1\n")
    info = conda.site / "pure-1.0.dist-info"
    edited = {"INSTALLER": "conda\n", "RECORD": (info / "RECORD").read_text() + "mine.py,,\n"}
    for name, text in edited.items():
        (info / name).unlink()  # it is a link to the package cache
        (info / name).write_text(text)
    (finding,) = of_pip(conda.must("%safeconda remove pure"))
    assert (finding["id"], values(finding)) == ("pip-unknown", {"file": str(mine.relative_to(conda.prefix))})
    assert mine.exists()
    mine.unlink()


def values(finding: dict[str, Any]) -> dict[str, str]:
    """The evidence of a finding."""
    return {each["label"]: each["value"] for each in finding["evidence"]}


def of_pip(done: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings about what pip put into the environment."""
    return [each for each in done["plan"]["findings"] if each["id"].startswith("pip-")]


def pip_reinstalls(conda: Conda, wheel: Path) -> None:
    """Install a wheel over conda's package with pip itself, which takes conda's files out by their RECORD."""
    pip = conda_prefix.lab() / "pip" / "bin" / "python"
    line = ["--force-reinstall", "--no-deps", "--no-index", "--root-user-action", "ignore", str(wheel)]
    environments.call(pip, "-m", "pip", "--python", conda.python, "install", "-qq", *line)


def test_what_loses_files_of_its_own_is_told(conda: Conda) -> None:
    """A distribution of another name that had put files over a package's stays, with the line that mends it."""
    conda.must("%safeconda install --force-reinstall pure=1.0")
    info = conda.site / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "RECORD").write_text("pure/__init__.py,,\nother-1.0.dist-info/METADATA,,\nother-1.0.dist-info/RECORD,,\n")
    done = conda.must("%safeconda remove pure")
    (finding,) = [each for each in done["plan"]["findings"] if each["id"] == "pip-orphaned"]
    assert finding["message"] == "a distribution of pip's loses files that a conda package has, too"
    assert finding["hint"] == "`%safepip install --force-reinstall other` brings them back, next"
    assert info.exists()
    shutil.rmtree(info)


def wheel_of(folder: Path, name: str, version: str, more: str = "") -> Path:
    """A wheel with one package, which knows its version."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"VERSION = '{version}'\n",
        f"{name}/more.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in files.items():
            archive.writestr(each, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{each},,\n" for each in (*files, f"{info}/RECORD")))
    return path


def test_a_removed_package_is_no_wish_any_more(conda: Conda) -> None:
    """conda's next solve would bring it back."""
    conda.must("%safeconda install generic modes")
    conda.must("%safeconda remove generic")
    asked = read_history(str(history_of(conda))).asked
    assert asked is not None and "modes" in asked and "generic" not in asked
    conda.must("%safeconda remove modes")


def test_an_update_of_what_is_not_there(conda: Conda) -> None:
    """As with conda, an update installs nothing new; the line that does is said."""
    said = conda.refused("%safeconda update generic modes")
    assert "`generic`, `modes`" in said and "`%safeconda install generic modes`" in said


def test_menu_entries_stay(conda: Conda, tmp_path: Path) -> None:
    """They are outside of the environment, so that nothing could bring them back; rattler removes them before it links."""
    conda.must("%safeconda install generic")
    entry = tmp_path / "generic.desktop"
    entry.write_text("[Desktop Entry]\n")
    record = conda.prefix / "conda-meta" / "generic-2.0-h1_0.json"
    menus = [{"type": "linux", "install_mode": "User", "paths": [str(entry)]}]
    record.write_text(json.dumps({**json.loads(record.read_text()), "installed_system_menus": menus}))
    conda.must("%safeconda remove generic")
    assert not record.exists()
    assert entry.exists()


def test_a_link_gives_way_to_a_folder(conda: Conda) -> None:
    """Where the package that brought the link goes, it isn't one that somebody put in the way."""
    record = conda.prefix / "conda-meta" / "moved-1.0-h1_0.json"
    conda.must("%safeconda install moved=1.0")
    moved = conda.prefix / "share" / "moved"
    (conda.prefix / "elsewhere").mkdir()
    (conda.prefix / "elsewhere" / "precious").touch()
    moved.unlink()
    moved.symlink_to("../elsewhere")
    assert record.exists()
    conda.must("%safeconda update moved")
    assert (moved / "file").read_text() == "2.0\n" and not moved.is_symlink()
    assert [each.name for each in (conda.prefix / "elsewhere").iterdir()] == ["precious"]
    conda.must("%safeconda undo")
    assert os.readlink(moved) == "../elsewhere"
    conda.must("%safeconda remove moved")
    shutil.rmtree(conda.prefix / "elsewhere")
