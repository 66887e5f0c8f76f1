"""`%safeconda sync` in real prefixes: what each kind of file brings and takes, and the way back."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ipython_where.change.conda.conda_sync import line_from
from ipython_where.change.conda.rattler_lists import Entry
from ipython_where.facts.conda.history import read_history
from tests import conda_prefix
from tests.conda_channel import PLATFORM

from .prefixes import Conda, make

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the channel is made for Linux"),
]

MD5, SHA256 = "0" * 32, "1" * 64
FORMS = ("environment.yml", "explicit.txt", "conda-lock.yml", "pixi.lock")


@pytest.fixture(scope="module")
def conda(tmp_path_factory: pytest.TempPathFactory) -> Conda:
    """The prefix that is synced: each test undoes what it did."""
    return make(tmp_path_factory.mktemp("conda"))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Conda:
    """The prefix that files are exported from."""
    return make(tmp_path_factory.mktemp("full"), "numpy <2.2", "links=1.0", "modes", "pure=1.0", "six")


def records(conda: Conda) -> dict[str, dict[str, Any]]:
    """conda's records, without who asked for them and where they were unpacked, and with the prefix as `.`."""
    found = {}
    for path in sorted((conda.prefix / "conda-meta").glob("*.json")):
        data = json.loads(path.read_text().replace(str(conda.prefix), "."))
        left = ["requested_spec", "requested_specs", "extracted_package_dir", "package_tarball_full_path", "link"]
        left += ["arch", "platform", "indexed_timestamp"]  # which rattler's lock files tell in their own way
        found[path.name] = {key: value for key, value in data.items() if key not in left}
        for each in data["paths_data"]["paths"]:
            if "prefix_placeholder" in each:
                each["size_in_bytes"] = each["sha256_in_prefix"] = None
    return found


def brought(done: dict[str, Any]) -> dict[str, str]:
    """What a change comes to: the names, with their kinds."""
    return {each["name"]: each["kind"] for each in done["plan"]["changes"]}


def found(done: dict[str, Any], id: str) -> dict[str, Any]:
    """The finding of an answer."""
    (one,) = [each for each in done["plan"]["findings"] if each["id"] == id]
    return dict(one)


def written(conda: Conda, name: str, text: str) -> str:
    """The name of a file in the working directory."""
    (conda.home / name).write_text(text)
    return name


def url(name: str, subdir: str = PLATFORM) -> str:
    """The address of a package in the channel."""
    return (conda_prefix.lab() / "channel" / subdir / name).as_uri()


def channel() -> str:
    return (conda_prefix.lab() / "channel").as_uri()


@pytest.mark.parametrize("form", FORMS)
def test_an_export_gives_the_same_records(form: str, conda: Conda, full: Conda) -> None:
    """Written down in one prefix and followed in another, everything but their paths is the same; an undo takes it back."""
    before = conda.tree()
    full.must(f"%safeconda export {form} --yes")
    shutil.copy(full.home / form, conda.home / form)
    done = conda.must(f"%safeconda sync {form}")
    assert set(brought(done)) >= {"numpy", "links", "modes", "pure", "six"}
    mine, theirs = records(conda), records(full)
    assert {name: mine.get(name) for name in theirs} == theirs
    assert {name.rsplit("-", 2)[0] for name in mine.keys() - theirs.keys()} <= {"pip"}
    assert conda.must(f"%safeconda sync {form}")["plan"]["changes"] == []
    assert conda.python_says("import pure; print(pure.VERSION)") == "1"
    conda.must("%safeconda undo")
    assert conda.tree() == before


def test_a_file_adds_and_prunes(conda: Conda) -> None:
    """As `conda env update` does; what this kernel runs on stays though the file doesn't name it."""
    conda.must("%safeconda install generic modes")
    name = written(conda, "environment.yml", "dependencies:\n  - links=1.0\n  - generic\n")
    assert brought(conda.must("%safeconda sync")) == {"links": "added"}
    asked = read_history(str(conda.prefix / "conda-meta" / "history")).asked
    assert asked is not None and (asked["links"], asked["modes"]) == ("links=1.0", "modes")
    done = conda.must(f"%safeconda sync -f {name} --prune")
    assert brought(done) == {"modes": "removed"}
    asked = read_history(str(conda.prefix / "conda-meta" / "history")).asked
    assert asked is not None and "modes" not in asked
    assert conda.must("%safeconda list python")["text"].startswith("python")
    for _ in range(3):
        conda.must("%safeconda undo")


def test_a_list_adds_and_a_lock_is_complete(conda: Conda) -> None:
    """An `@EXPLICIT` list leaves what it doesn't name; with `--prune`, or by a lock file, that goes."""
    conda.must("%safeconda install modes generic=1.0")
    name = written(conda, "explicit.txt", f"@EXPLICIT\n{url('generic-2.0-h1_0.conda', 'noarch')}\n")
    assert brought(conda.must(f"%safeconda sync {name}")) == {"generic": "upgraded"}
    asked = read_history(str(conda.prefix / "conda-meta" / "history")).asked
    assert asked is not None and asked["generic"] == "generic"
    conda.must("%safeconda undo")
    assert brought(conda.must(f"%safeconda sync {name} --prune")) == {"generic": "upgraded", "modes": "removed"}
    conda.must("%safeconda undo")
    conda.must("%safeconda undo")


def test_what_pip_shall_bring_is_said(conda: Conda) -> None:
    """Each part is all or nothing by itself: the line for what is missing is said, and works where the file lies."""
    folder = conda.home / "sub"
    folder.mkdir()
    (folder / "wanted.txt").write_text("tomli-w\n")
    (folder / "environment.yml").write_text(
        "dependencies:\n- generic\n- pip\n- pip:\n  - pyyaml\n  - tomli-w >=1\n  - -r wanted.txt\n"
    )
    done = conda.must("%safeconda sync sub/environment.yml")
    assert set(brought(done)) == {"generic", "pip"}
    hint = found(done, "pip-part")["hint"]
    assert hint == "`%safepip install 'tomli-w >=1' -r sub/wanted.txt`, next"
    conda.must(hint.split("`")[1])
    again = conda.must("%safeconda sync sub/environment.yml --dry-run")
    assert found(again, "pip-part")["hint"] == "`%safepip install -r sub/wanted.txt`, next"
    for _ in range(2):
        conda.must("%safeconda undo")


def test_what_a_file_says_beyond_its_packages(conda: Conda) -> None:
    """Another environment's name, variables and unknown fields are told, and change nothing here."""
    text = (
        "name: other\nvariables:\n  KEY: tk-CANARY\nplatforms: [osx-64]\ndependencies:\n"
        f"- sel(linux): generic\n- sel(win): nosuch\nchannels: [{channel()}, nodefaults]\n"
    )
    done = conda.must(f"%safeconda sync {written(conda, 'environment.yml', text)} --dry-run")
    assert brought(done) == {"generic": "added"}
    assert "names another environment" in found(done, "other-environment")["message"]
    assert "KEY=…" in found(done, "file-variables")["hint"]
    assert "`platforms`" in found(done, "file-fields")["message"]
    assert "CANARY" not in json.dumps(done)


def test_a_change_of_python_is_refused(conda: Conda, tmp_path: Path) -> None:
    """No file moves the running kernel's Python: neither a list, nor what is solved."""
    index = {"name": "python", "version": "3.99.0", "build": "0", "build_number": 0, "depends": [], "subdir": PLATFORM}
    folder = tmp_path / "own" / PLATFORM
    folder.mkdir(parents=True)
    file = folder / "python-3.99.0-0.tar.bz2"
    with tarfile.open(file, "w:bz2") as archive:
        for name, said in (("index", index), ("paths", {"paths": [], "paths_version": 1})):
            data = json.dumps(said).encode()
            member = tarfile.TarInfo(f"info/{name}.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    packages = {file.name: {**index, "md5": hashlib.md5(file.read_bytes()).hexdigest(), "size": file.stat().st_size}}
    repodata = {"info": {"subdir": PLATFORM}, "packages": packages, "packages.conda": {}}
    (folder / "repodata.json").write_text(json.dumps(repodata))
    (tmp_path / "own" / "noarch").mkdir()
    (tmp_path / "own" / "noarch" / "repodata.json").write_text(
        json.dumps({"info": {"subdir": "noarch"}, "packages": {}})
    )
    before = conda.tree()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    moves = f"nothing was changed: this kernel runs on Python {version}, and 3.99 would take its place under it"
    listed = written(conda, "explicit.txt", f"@EXPLICIT\n{file.as_uri()}\n")
    text = f"channels: ['{(tmp_path / 'own').as_uri()}', '{channel()}']\ndependencies: [python=3.99]\n"
    solved = written(conda, "environment.yml", text)
    lines = [f"%safeconda sync {listed}", f"%safeconda sync {solved} --allow-conflicts"]
    for error in (each["error"] for each in conda.run_all(lines)):
        assert error.startswith(moves), error
    assert conda.tree() == before


def test_pins_hold_for_a_list(conda: Conda) -> None:
    """Nothing of a list is solved, but what a pin keeps out stays out; what is there already is nobody's change."""
    pinned = conda.prefix / "conda-meta" / "pinned"
    pinned.write_text("generic <2\nmodes\n")
    old, new = (f"generic-{version}-h1_0.conda" for version in ("1.0", "2.0"))
    ones = written(conda, "ones.txt", f"@EXPLICIT\n{url(old, 'noarch')}\n")
    twos = written(conda, "twos.txt", f"@EXPLICIT\n{url(new, 'noarch')}\n")
    lines = [f"%safeconda sync {each}" for each in (f"{ones} --dry-run", twos, f"{twos} --no-pin", twos)]
    fits, error, free, again = conda.run_all(lines)
    assert brought(fits) == brought(free) == {"generic": "added"}
    assert error["error"].startswith(
        "nothing was changed: the list can't be followed: `generic 2.0` is not within the pin `generic <2`\n"
    )
    assert "`--no-pin` lets it in" in error["error"]
    assert brought(again) == {}
    pinned.unlink()
    conda.must("%safeconda undo")


def test_what_only_solving_would_heed_is_refused_for_a_list(conda: Conda) -> None:
    """Nothing that was said is passed over in silence."""
    texts = {"explicit.txt": "@EXPLICIT\n", "conda-lock.yml": "version: 1\npackage: []\n"}
    options = ("--channel mine", "--freeze-installed", "--strict-channel-priority", "--no-channel-priority")
    lines = [f"%safeconda sync {written(conda, name, text)} {each}" for name, text in texts.items() for each in options]
    said = [each["error"] for each in conda.run_all(lines)]
    assert said == [
        f"`{option.split()[0]}` is for what is solved, and `{name}` lists each package with its address\n\n"
        f"hint: `%safeconda sync {name}`, without it"
        for name in texts
        for option in options
    ]


def test_a_list_may_be_long(conda: Conda) -> None:
    """A million lines without a word, and as many of another kind of line end."""
    text = "@EXPLICIT\n" + "\n" * 1_000_000 + "\r\n" * 1_000_000 + url("generic-2.0-h1_0.conda", "noarch") + "\n"
    done = conda.must(f"%safeconda sync {written(conda, 'explicit.txt', text)} --dry-run")
    assert brought(done) == {"generic": "added"}


@pytest.mark.parametrize(
    ("line", "moved"),
    [
        ("-r r.txt", "-r sub/r.txt"),
        ("-rr.txt", "-rsub/r.txt"),
        ("--requirement r.txt", "--requirement sub/r.txt"),
        ("--requirement=r.txt", "--requirement=sub/r.txt"),
        ("--requirement = r.txt", "--requirement=sub/r.txt"),
        ("-c../c.txt", "-csub/../c.txt"),
        ("--constraint=/c.txt", "--constraint=/c.txt"),
        ("-r https://x/r.txt", "-r https://x/r.txt"),
        ("-f wheels", "-f sub/wheels"),
        ("--find-links=wheels", "--find-links=sub/wheels"),
        ("-e .", "-e sub/."),
        ("-e.[dev]", "-esub/.[dev]"),
        ("--editable=pkg", "--editable=sub/pkg"),
        ("-e git+https://x/y", "-e git+https://x/y"),
        ("-e x @ file:pkg", "-e x @ file:///home/me/sub/pkg"),
        ("x @ file:./w.whl", "x @ file:///home/me/sub/w.whl"),
        (
            "x[a,b] @ file:../w%20.whl ; python_version > '3'",
            "x[a,b] @ file:///home/me/w%20.whl ; python_version > '3'",
        ),
        ("x@file:w.whl", "x@file:///home/me/sub/w.whl"),
        ("file:w.whl", "file:///home/me/sub/w.whl"),
        ("x @ file:///w.whl", "x @ file:///w.whl"),
        ("x @ https://x/w.whl", "x @ https://x/w.whl"),
        ("./w.whl", "sub/./w.whl"),
        ("w-1-py3-none-any.whl", "sub/w-1-py3-none-any.whl"),
        ("w-1.tar.gz[extra]", "sub/w-1.tar.gz[extra]"),
        ("deep/pkg", "sub/deep/pkg"),
        ("~/w.whl", "~/w.whl"),
        ("numpy>=2; python_version>'3'", "numpy>=2; python_version>'3'"),
        ("--extra-index-url https://x", "--extra-index-url https://x"),
        ("--pre", "--pre"),
    ],
)
def test_a_path_for_pip_counts_from_the_working_directory(line: str, moved: str) -> None:
    """In every spelling of pip's."""
    assert line_from("sub", line, cwd="/home/me") == moved
    if "file:" not in line:
        assert line_from("", line, cwd="/home/me") == line


def test_a_list_that_lacks_what_its_packages_need(conda: Conda) -> None:
    """Nothing of a list is solved: what it would break is refused, by name."""
    name = written(conda, "explicit.txt", f"@EXPLICIT\n{url('needs-2.0-h1_0.conda')}\n")
    said = conda.refused(f"%safeconda sync {name}")
    assert "`needs` would not have what it needs beside this list" in said and "shared-a 2.*" in said
    conda.must(f"%safeconda sync {name} --allow-conflicts")
    conda.must("%safeconda undo")


def test_a_package_that_no_index_has(conda: Conda, tmp_path: Path) -> None:
    """Its record is made of the package itself, and its hash is checked."""
    folder = tmp_path / "own" / "noarch"
    folder.mkdir(parents=True)
    file = folder / "generic-2.0-h1_0.conda"
    shutil.copy(conda_prefix.lab() / "channel" / "noarch" / file.name, file)
    name = written(conda, "explicit.txt", f"@EXPLICIT\n{file.as_uri()}\n")
    assert brought(conda.must(f"%safeconda sync {name}")) == {"generic": "added"}
    record = json.loads((conda.prefix / "conda-meta" / "generic-2.0-h1_0.json").read_text())
    assert (record["url"], record["size"], len(record["sha256"])) == (file.as_uri(), file.stat().st_size, 64)
    conda.must("%safeconda undo")
    name = written(conda, "explicit.txt", f"@EXPLICIT\n{file.as_uri()}#{'0' * 32}\n")
    assert "`generic-2.0-h1_0.conda` has another md5" in conda.refused(f"%safeconda sync {name}")


REFUSED: dict[str, tuple[str, Callable[[], str], str]] = {
    "a hash of the channel's differs": (
        "explicit.txt",
        lambda: f"@EXPLICIT\n{url('generic-2.0-h1_0.conda', 'noarch')}#{'0' * 64}\n",
        "`generic-2.0-h1_0.conda` has another sha256 in its channel",
    ),
    "a word that is no hash": (
        "explicit.txt",
        lambda: f"@EXPLICIT\n{url('generic-2.0-h1_0.conda', 'noarch')}#latest\n",
        "`#latest` is neither an md5 nor a sha256",
    ),
    "another platform by its header": (
        "explicit.txt",
        lambda: f"# platform: osx-arm64\n@EXPLICIT\n{url('generic-2.0-h1_0.conda', 'noarch')}\n",
        f"it is a list for osx-arm64, and this is {PLATFORM}",
    ),
    "another platform by its addresses": (
        "explicit.txt",
        lambda: "@EXPLICIT\nhttps://conda.example/c/win-64/x-1-0.conda\n",
        f"`x-1-0.conda` is for win-64, and this is {PLATFORM}",
    ),
    "no platform's folder": (
        "explicit.txt",
        lambda: f"@EXPLICIT\n{channel()}/generic-2.0-h1_0.conda\n",
        f"`generic-2.0-h1_0.conda` is in a folder `channel`, which is no platform's, and this is {PLATFORM}",
    ),
    "a package that is not there": (
        "explicit.txt",
        lambda: f"@EXPLICIT\n{url('generic-9.0-h1_0.conda', 'noarch')}\n",
        "`generic-9.0-h1_0.conda` can't be read",
    ),
    "several environments": (
        "pixi.lock",
        lambda: (
            "version: 6\nenvironments:\n  a:\n    channels: []\n    packages: {linux-64: []}\n"
            "  b:\n    channels: []\n    packages: {linux-64: []}\npackages: []\n"
        ),
        "it has several environments, and none is called `default`",
    ),
    "a relative address": (
        "explicit.txt",
        lambda: "@EXPLICIT\nfile:x-1-0.conda\n",
        "`file:x-1-0.conda` is not an address",
    ),
    "a path": ("explicit.txt", lambda: "@EXPLICIT\n./x-1-0.conda\n", "`./x-1-0.conda` is not an address"),
    "a spec in a list": ("explicit.txt", lambda: "@EXPLICIT\nnumpy=2\n", "`numpy=2` is not an address"),
    "no package of conda's": (
        "explicit.txt",
        lambda: f"@EXPLICIT\nhttps://conda.example/{PLATFORM}/x.whl\n",
        "an address in it is no package of conda's",
    ),
    "a package twice": (
        "explicit.txt",
        lambda: f"@EXPLICIT\n{url('generic-2.0-h1_0.conda', 'noarch')}\n{url('generic-1.0-h1_0.conda', 'noarch')}\n",
        "`generic` is listed twice",
    ),
    "an empty list": ("explicit.txt", lambda: "@EXPLICIT\n", "it lists no package"),
    "a lock file for others": (
        "conda-lock.yml",
        lambda: (
            "version: 1\nmetadata: {}\npackage:\n- {name: x, manager: conda, platform: osx-64, url: 'https://x/osx-64/x-1-0.conda'}\n"
        ),
        f"it has nothing for {PLATFORM}",
    ),
    "a newer lock file": ("conda-lock.yml", lambda: "version: 3\npackage: []\n", "only version 1"),
    "a lock file with a tag": (
        "conda-lock.yml",
        lambda: "version: 1\npackage: !!python/object/apply:os.system [true]\n",
        "it is no plain YAML",
    ),
    "a pixi lock for others": (
        "pixi.lock",
        lambda: (
            "version: 6\nenvironments:\n  default:\n    channels: []\n    packages:\n      osx-64: []\npackages: []\n"
        ),
        f"it has nothing for {PLATFORM}",
    ),
    "a newer pixi lock": (
        "pixi.lock",
        lambda: "version: 99\nenvironments: {}\npackages: []\n",
        "can't read this lock file",
    ),
    "a broken pixi lock": (
        "pixi.lock",
        lambda: "version: 6\nenvironments: [1\npackages:\n",
        "can't read this lock file",
    ),
}


def test_a_list_that_cannot_be_followed(conda: Conda) -> None:
    """What is wrong with it is said, and nothing was changed."""
    before = conda.tree()
    lines = []
    for at, (name, text, _) in enumerate(REFUSED.values()):
        (conda.home / str(at)).mkdir(exist_ok=True)
        lines.append(f"%safeconda sync {written(conda, f'{at}/{name}', text())}")
    said = [each.get("error", each.get("text", "")) for each in conda.run_all(lines)]
    wrong = {
        case: text
        for text, (case, (_, _, message)) in zip(said, REFUSED.items(), strict=True)
        if message not in text.partition("\n\n")[0] or "('" in text or not text.startswith("nothing was changed: ")
    }
    assert wrong == {}
    assert conda.tree() == before


def test_a_hash_that_the_index_cannot_confirm(conda: Conda, tmp_path: Path) -> None:
    """A list's md5 is not passed over because the channel has only a sha256."""
    name, folder = "generic-2.0-h1_0.conda", tmp_path / "own" / "noarch"
    folder.mkdir(parents=True)
    source = conda_prefix.lab() / "channel" / "noarch"
    data = (source / name).read_bytes()
    (folder / name).write_bytes(data)
    index = json.loads((source / "repodata.json").read_text())
    kept = {name: {**index["packages.conda"][name], "sha256": hashlib.sha256(data).hexdigest()}}
    del kept[name]["md5"]
    (folder / "repodata.json").write_text(json.dumps({**index, "packages": {}, "packages.conda": kept}))
    address = (folder / name).as_uri()
    listed = written(conda, "explicit.txt", f"@EXPLICIT\n{address}#{MD5}\n")
    said = conda.refused(f"%safeconda sync {listed}")
    assert "the hash of `generic-2.0-h1_0.conda` can't be compared" in said
    assert "listed   md5" in said and "channel  sha256" in said


@pytest.mark.parametrize(
    ("listed", "there", "is_met"),
    [
        ({}, {"md5": MD5}, True),
        ({}, {}, True),
        ({"md5": MD5}, {"md5": MD5, "sha256": SHA256}, True),
        ({"md5": MD5, "sha256": SHA256}, {"sha256": SHA256}, True),
        ({"md5": MD5}, {"sha256": SHA256}, False),
        ({"sha256": SHA256}, {"md5": MD5}, False),
        ({"md5": MD5}, {}, False),
        ({"md5": SHA256[:32]}, {"md5": MD5}, False),
    ],
)
def test_an_installed_package_is_the_listed_one_by_its_hash(
    listed: dict[str, str], there: dict[str, str], is_met: bool
) -> None:
    """One that can't be compared says nothing."""
    hashes = {kind: bytes.fromhex(there[kind]) if kind in there else None for kind in ("md5", "sha256")}
    name = SimpleNamespace(normalized="x")
    record = SimpleNamespace(name=name, version="1", build="0", subdir="noarch", **hashes)
    assert Entry(url="https://conda.example/c/noarch/x-1-0.conda", **listed).is_met_by(record) is is_met


def test_odd_lists_that_can_be_followed(conda: Conda) -> None:
    """Windows' line ends, another encoding, a hash in capitals, a percent-encoded name; and conda-lock's categories and pip."""
    md5 = hashlib.md5((conda_prefix.lab() / "channel" / "noarch" / "generic-2.0-h1_0.conda").read_bytes()).hexdigest()
    address = url("generic-2.0-h1_0.conda", "noarch")
    (conda.home / "crlf.txt").write_bytes(f"@EXPLICIT\r\n{address}  \r\n".encode())
    (conda.home / "utf16.yml").write_text("dependencies: [generic]\n", encoding="utf-16")
    written(
        conda, "capitals.txt", f"@EXPLICIT\n{address}#sha256:{'0' * 64}\n".replace("sha256:" + "0" * 64, md5.upper())
    )
    written(conda, "encoded.txt", f"@EXPLICIT\n{address.replace('generic-', 'generic%2D')}\n")
    said = {"name": "generic", "platform": PLATFORM, "manager": "conda", "url": address, "hash": {"md5": md5}}
    left = {**said, "name": "modes", "url": url("modes-2.0-h1_0.conda"), "category": "docs"}
    pip = {
        "name": "req",
        "version": "1",
        "platform": PLATFORM,
        "manager": "pip",
        "url": "https://x/req.whl",
        "hash": {},
    }
    written(conda, "lock.json", json.dumps({"version": 1, "metadata": {}, "package": [said, left, pip]}, indent=1))
    names = ("crlf.txt", "utf16.yml", "capitals.txt", "encoded.txt", "lock.json")
    done = conda.run_all([f"%safeconda sync {each} --dry-run" for each in names])
    assert [brought(each) for each in done] == [{"generic": "added"}] * 5
    assert found(done[-1], "pip-part")["hint"] == "`%safepip install req==1`, next"
    assert found(done[-1], "list-part")["message"] == "the list's category `docs` was left out"


def test_an_exact_file_does_not_bind_what_comes_later(conda: Conda) -> None:
    """What is asked for with its build may move where another package has to: conda gives way there, too."""
    name = written(conda, "environment.yml", "dependencies: [needs=1.0=h1_0, shared-a=1.0=h1_0]\n")
    conda.must(f"%safeconda sync {name}")
    assert brought(conda.must("%safeconda install needs=2.0")) == {"needs": "upgraded", "shared-a": "upgraded"}
    for _ in range(2):
        conda.must("%safeconda undo")


def test_no_credential_of_a_list_is_shown(conda: Conda) -> None:
    """Not where its package can't be had, and not where the list is wrong."""
    address = f"http://me:pw-CANARY@127.0.0.1:9/t/tk-CANARY/c/{PLATFORM}/x-1-0.conda"
    texts = [f"@EXPLICIT\n{address}\n", f"@EXPLICIT\n{address}#no\n", f"@EXPLICIT\n{address} y\n"]
    texts += ["channels: ['http://me:pw-CANARY@127.0.0.1:9/t/tk-CANARY/c']\ndependencies: [generic]\n"]
    lines = [f"%safeconda sync {written(conda, f'{at}.txt', text)}" for at, text in enumerate(texts)]
    said = [each["error"] for each in conda.run_all(lines)]
    assert [each for each in said if "CANARY" in each or "127.0.0.1" not in each] == []
