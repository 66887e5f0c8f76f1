"""conda's settings as conda reads them: which files, in which order, what their words come to, and what stays unknown.

The addresses were compared with those of conda's own code, for each of these settings.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ipython_where.facts.conda.condarc import (
    Condarc,
    condarc_files,
    merged,
    parse_condarc,
    read_condarc,
    switch,
    urls_of,
    variables_in,
)
from tests import environments

pytest.importorskip("yaml", reason="the extra `conda` brings it")

FORGE = "https://conda.anaconda.org"


def place(folder: Path, files: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Condarc:
    """The settings of files below a folder: in `home`, in the installation `root`, in the prefix `root/envs/p`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    prefix = folder / "root" / "envs" / "p"
    return read_condarc(environ or {}, str(folder / "home"), root=str(folder / "root"), prefix=str(prefix))


def settings(text: str) -> Condarc:
    """The settings of one file."""
    found = parse_condarc(text)
    assert isinstance(found, dict), found
    return Condarc(values=merged([found], {}))


def urls(text: str, *, cwd: str = "/") -> list[str]:
    """The addresses of the channels that a file names."""
    read = settings(text)
    return [url for channel in read.words("channels") for url in urls_of(channel, read, cwd=cwd)]


# -- the files ---------------------------------------------------------------------------------------------------------


def test_where_conda_looks() -> None:
    """From the machine's to the prefix's own, and what `CONDARC` names last."""
    environ = {"XDG_CONFIG_HOME": "/xdg", "CONDARC": "/elsewhere/mine.yml"}
    found = [*condarc_files(environ, "/home/me", root="/conda", prefix="/conda/envs/p")]
    folders = (
        "/etc/conda",
        "/var/lib/conda",
        "/conda",
        "/xdg/conda",
        "/home/me/.config/conda",
        "/home/me/.conda",
    )
    expected = [f"{folder}/{name}" for folder in folders for name in (".condarc", "condarc")]
    expected += ["/home/me/.condarc", "/conda/envs/p/.condarc", "/conda/envs/p/condarc", "/elsewhere/mine.yml"]
    assert found == expected


def test_where_conda_looks_without_a_home() -> None:
    """Nothing is guessed."""
    found = [*condarc_files({}, None, root=None, prefix="/p")]
    folders = ("/etc/conda", "/var/lib/conda", "/p")
    assert found == [f"{folder}/{name}" for folder in folders for name in (".condarc", "condarc")]


def test_the_more_important_file_comes_first(tmp_path: Path) -> None:
    """Each place counts, a folder `condarc.d` too, whose other files don't."""
    found = place(
        tmp_path,
        {
            "root/.condarc": "channels: [root]",
            "root/condarc.d/z.yml": "channels: [root-d]",
            "xdg/conda/.condarc": "channels: [xdg]",
            "home/.config/conda/condarc": "channels: [config]",
            "home/.conda/.condarc": "channels: [dot-conda]",
            "home/.condarc": "channels: [home]",
            "root/envs/p/condarc": "channels: [prefix]",
            "root/envs/p/condarc.d/b.yml": "channels: [prefix-b]",
            "root/envs/p/condarc.d/a.yaml": "channels: [prefix-a]",
            "root/envs/p/condarc.d/no.txt": "channels: [no]",
            "mine.yml": "channels: [pointed-at]",
        },
        {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "CONDARC": str(tmp_path / "mine.yml"), "CONDA_CHANNELS": "variable"},
    )
    names = "variable pointed-at prefix-b prefix-a prefix home dot-conda config xdg root-d root"
    assert found.words("channels") == tuple(names.split())
    assert (len(found.files), found.unread) == (10, ())


@pytest.mark.parametrize(
    ("pointed_at", "expected"),
    [
        ("mine.yml", ("mine", "home")),
        ("mine.txt", ("home",)),
        ("folder", ("folder", "home")),
        ("none.yml", ("home",)),
        ("~/tilde.yml", ("tilde", "home")),
    ],
)
def test_what_condarc_may_name(tmp_path: Path, pointed_at: str, expected: tuple[str, ...]) -> None:
    """A file that is called like one of settings, or a folder of such."""
    names = ("mine.yml", "mine.txt", "folder/folder.yml", "home/tilde.yml")
    files = {name: f"channels: [{Path(name).stem}]" for name in names} | {"home/.condarc": "channels: [home]"}
    variable = pointed_at if pointed_at.startswith("~") else str(tmp_path / pointed_at)
    assert place(tmp_path, files, {"CONDARC": variable}).words("channels") == expected


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """In the first of its places, as conda does: there it counts least."""
    files = {"home/.condarc": "channels: [home]", "root/.condarc": "channels: [root]"}
    found = place(tmp_path, files, {"CONDARC": str(tmp_path / "root" / ".condarc")})
    assert found.words("channels") == ("home", "root")


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    """A folder of that name, a broken link."""
    (tmp_path / "home" / ".condarc").mkdir(parents=True)
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / ".condarc").symlink_to("nowhere")
    assert place(tmp_path, {}) == Condarc(values={}, home=str(tmp_path / "home"))


# -- what a file says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\n\n", "# channels: [a]\n", "---\n", "{}"])
def test_a_file_that_says_nothing(text: str) -> None:
    """It is read, and changes nothing."""
    assert parse_condarc(text) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("channels: [a\n", "it is no YAML: while parsing a flow sequence"),
        ("\tchannels: a\n", "it is no YAML: while scanning for the next token"),
        ("a: !!bool q\n", "it is no YAML: 'q'"),
        ("a: !!timestamp q\n", "it is no YAML: 'NoneType' object has no attribute 'groupdict'"),
        ("- a\n- b\n", "it holds no settings"),
        ("just a text\n", "it holds no settings"),
        ("channels: #!final\n  - a\n", "it uses `#!final`, `#!top` or `#!bottom`, which only conda understands"),
        ("channels:\n  - a  #!top\n", "it uses `#!final`, `#!top` or `#!bottom`, which only conda understands"),
        ("channels:\n  - a  # !bottom\n", "it uses `#!final`, `#!top` or `#!bottom`, which only conda understands"),
        ("a: !!python/object/apply:os.system ['x']\n", "it is no YAML: could not determine a constructor for"),
    ],
)
def test_a_file_that_stays_unknown(tmp_path: Path, text: str, why: str) -> None:
    """It is named with the reason, and the other files count."""
    found = place(tmp_path, {"home/.condarc": text, "root/.condarc": "channels: [root]"})
    ((path, said),) = found.unread
    assert (path, said.startswith(why)) == (str(tmp_path / "home" / ".condarc"), True), said
    assert found.words("channels") == ("root",)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Its bytes are no UTF-8."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".condarc").write_bytes(b"channels: [\xff]\n")
    assert place(tmp_path, {}).unread == ((str(tmp_path / "home" / ".condarc"), "it cannot be read"),)


@pytest.mark.parametrize(
    "other", ["channel", "whitelist_channels", "verify_ssl", "cooldown", "disallow", "client_cert"]
)
def test_another_name_of_a_setting(other: str) -> None:
    """In a file and in a variable."""
    (key,) = settings(f"{other}: [a]").values
    assert key != other
    assert [*variables_in({f"CONDA_{other.upper()}": "a"})] == [key]


_WITHOUT = """
import sys
sys.modules["yaml"] = None
import json
from ipython_where.facts.conda.condarc import read_condarc
found = read_condarc(json.loads(sys.argv[1]), sys.argv[2], root=None, prefix=sys.argv[2] + "/none")
print(json.dumps([found.words("channels"), found.files, found.unread]))
"""


def test_without_pyyaml(tmp_path: Path) -> None:
    """A file that says something is unknown, and one that doesn't is not; variables need no YAML."""
    (tmp_path / ".condarc").write_text("channels: [a]\n")
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda" / ".condarc").write_text("# nothing\n")
    argv = [sys.executable, "-c", _WITHOUT, json.dumps({"CONDA_CHANNELS": "v"}), str(tmp_path)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=environments.ROOT)
    unread = [[str(tmp_path / ".condarc"), "PyYAML is not installed"]]
    assert json.loads(done.stdout) == [["v"], [str(tmp_path / ".conda" / ".condarc")], unread]


# -- several files as one ----------------------------------------------------------------------------------------------


def test_lists_are_joined_and_tables_too(tmp_path: Path) -> None:
    """Of a list each word once, where the more important file has it; a plain value is the more important one."""
    found = place(
        tmp_path,
        {
            "root/.condarc": "channels: [b, c]\nchannel_priority: strict\ncustom_channels: {m: 'https://r', n: 'https://n'}\n"
            "custom_multichannels: {both: [x, y]}\npinned_packages: [six]\n",
            "home/.condarc": "channels: [a, b]\nchannel_priority: flexible\ncustom_channels: {m: 'https://h'}\n"
            "custom_multichannels: {both: [w, y]}\npinned_packages: [numpy]\n",
        },
    )
    assert found.words("channels") == ("a", "b", "c")
    assert found.text("channel_priority") == "flexible"
    assert found.table("custom_channels") == {"m": "https://h", "n": "https://n"}
    assert found.table("custom_multichannels") == {"both": ["w", "y", "x"]}
    assert found.words("pinned_packages") == ("numpy", "six")


def test_a_setting_without_a_value_is_not_set() -> None:
    """It hides nothing of a less important file."""
    assert merged([{"channels": ["a"], "subdir": "x"}, {"channels": None, "subdir": None}], {}) == {
        "channels": ["a"],
        "subdir": "x",
    }


def test_variables_in_values() -> None:
    """`$NAME` and `${NAME}`, in lists and tables too; an unknown one stays as it is, as for conda."""
    environ = {"U": "me", "PW": "secret"}
    layer = {"channels": ["https://$U:${PW}@x.example"], "channel_alias": "$NONE/${U}", "custom_channels": {"m": "$U"}}
    assert merged([layer], environ) == {
        "channels": ["https://me:secret@x.example"],
        "channel_alias": "$NONE/me",
        "custom_channels": {"m": "me"},
    }


def test_settings_from_variables() -> None:
    """Lists are split at commas, specs at `&`; an empty one is not set, and no other variable is a setting."""
    environ = {
        "CONDA_CHANNELS": "a, b,",
        "CONDA_PINNED_PACKAGES": "numpy<2&six >=1,<2",
        "CONDA_OFFLINE": "1",
        "CONDA_SUBDIR": "",
        "CONDA_PREFIX": "/p",
        "CHANNELS": "no",
    }
    assert variables_in(environ) == {
        "channels": ["a", "b"],
        "pinned_packages": ["numpy<2", "six >=1,<2"],
        "offline": "1",
    }


@pytest.mark.parametrize("value", [True, "true", "Yes", "on", "y", "1", 1])
def test_yes(value: object) -> None:
    """As YAML reads it, or a variable spells it."""
    assert switch(value) is True
    assert Condarc(values={"offline": value}).flag("offline")


@pytest.mark.parametrize("value", [False, "false", "No", "off", "n", "0", "none", 0, None])
def test_no(value: object) -> None:
    """As conda reads it; what isn't set is the default."""
    assert switch(value) is False
    assert not Condarc(values={"offline": value}).flag("offline", True)
    assert Condarc(values={}).flag("offline", True)


def test_a_text_is_neither_yes_nor_no() -> None:
    """Such as a file of certificates."""
    assert switch("/etc/ssl/certs.pem") is None


def test_a_setting_of_another_kind_is_none() -> None:
    """A list where a text belongs, and the other way round."""
    found = Condarc(values={"a": ["x", 2024, True, ["y"]], "b": "x", "c": {1: "x"}})
    assert (found.words("a"), found.words("b"), found.text("a"), found.table("b")) == (("x", "2024"), (), None, {})
    assert found.table("c") == {"1": "x"}


# -- from a channel to its address -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("channels: [conda-forge, conda-forge/label/dev]", [f"{FORGE}/conda-forge", f"{FORGE}/conda-forge/label/dev"]),
        ("channels: [defaults]", ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"]),
        ("channels: [pkgs/main, main]", ["https://repo.anaconda.com/pkgs/main", f"{FORGE}/main"]),
        ("channels: [a]\nchannel_alias: https://m.example/conda/", ["https://m.example/conda/a"]),
        ("channels: [a]\nchannel_alias: https://u:p@m.example:8443/c", ["https://u:p@m.example:8443/c/a"]),
        ("channels: [a]\nchannel_alias: https://m.example/t/tk-1/c", ["https://m.example/c/t/tk-1/a"]),
        (
            "channels: [defaults, c/main]\ndefault_channels: ['https://m.example/c/main', r]",
            ["https://m.example/c/main", f"{FORGE}/r", "https://m.example/c/main"],
        ),
        (
            "channels: [mine, mine/label/x, mine2]\ncustom_channels: {mine: 'https://a.example'}",
            ["https://a.example/mine", "https://a.example/mine/label/x", f"{FORGE}/mine2"],
        ),
        (
            "channels: [a/b/c, a/b, a/c]\ncustom_channels: {a: 'https://a.example', a/b: 'https://ab.example'}",
            ["https://ab.example/a/b/c", "https://ab.example/a/b", "https://a.example/a/c"],
        ),
        ("channels: [mine]\ncustom_channels: {mine: 'https://a.example/t/tk-1'}", ["https://a.example/t/tk-1/mine"]),
        ("channels: [mine]\ncustom_channels: {mine: 'file:///srv'}", ["file:///srv/mine"]),
        ("channels: [mine]\ncustom_channels: {mine: 'a.example/x'}", [f"{FORGE}/mine"]),
        (
            "channels: [both]\ncustom_multichannels: {both: [a, 'https://x.example/t/tk-1/y/z']}",
            [f"{FORGE}/a", "https://x.example/t/tk-1/y/z"],
        ),
        (
            "channels: [both]\ncustom_channels: {a: 'https://a.example'}\ncustom_multichannels: {both: [a, defaults]}",
            [f"{FORGE}/a", f"{FORGE}/defaults"],
        ),
        (
            "channels: [defaults]\ncustom_multichannels: {defaults: [a]}\ndefault_channels: ['https://no.example/a']",
            [f"{FORGE}/a"],
        ),
        ("channels: [y/z]\ncustom_multichannels: {both: ['https://x.example/y']}", ["https://x.example/y/z"]),
    ],
)
def test_the_addresses_of_a_name(text: str, expected: list[str]) -> None:
    """An alias, a custom channel by its longest name, a name for several: as in conda, down to where a token stands."""
    assert urls(text) == expected


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("https://x.example/a/", "https://x.example/a"),
        ("https://x.example/a/linux-64", "https://x.example/a"),
        ("https://x.example/b/noarch/", "https://x.example/b"),
        ("conda-forge/osx-arm64", f"{FORGE}/conda-forge"),
        ("https://x.example/t/tk-9/c", "https://x.example/t/tk-9/c"),
        ("https://u:p@z.example/d", "https://u:p@z.example/d"),
        ("file:///srv/channel", "file:///srv/channel"),
        ("s3://bucket/channel", "s3://bucket/channel"),
        ("/srv/channel", "file:///srv/channel"),
        ("/srv/with space", "file:///srv/with%20space"),
        ("./channel", "file:///work/channel"),
        ("../channel", "file:///channel"),
        (".hidden", f"{FORGE}/.hidden"),
    ],
)
def test_an_address_or_a_folder(channel: str, expected: str) -> None:
    """A platform at the end is left out; a folder is one only where conda takes it for one."""
    assert urls_of(channel, Condarc(values={}), cwd="/work") == (expected,)


def test_a_folder_in_the_home() -> None:
    """`~` is the home that the settings are read for, not this process's."""
    assert urls_of("~/channel", Condarc(values={}, home="/home/me"), cwd="/work") == ("file:///home/me/channel",)


def test_an_address_below_a_known_place_gets_its_credentials() -> None:
    """As if the channel had been named; its own come first, and another scheme gets none."""
    text = "channel_alias: https://m.example/t/tk-1\ncustom_channels: {mine: 'https://me:pw@a.example'}\n"
    read = settings(text)
    known = {
        "https://m.example/x": "https://m.example/t/tk-1/x",
        "https://m.example/t/tk-2/x": "https://m.example/t/tk-2/x",
        "https://a.example/mine": "https://me:pw@a.example/mine",
        "https://a.example/mine/label/x": "https://me:pw@a.example/mine/label/x",
        "https://a.example/mine2": "https://a.example/mine2",
        "http://a.example/mine": "http://a.example/mine",
        "https://m.example.org/x": "https://m.example.org/x",
    }
    assert {each: urls_of(each, read)[0] for each in known} == known
