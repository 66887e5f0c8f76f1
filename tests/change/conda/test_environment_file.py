"""What kind a file is, what an `environment.yml` or a list of specs says, and what is said of one that can't be followed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ipython_where.change.conda.environment_file import EnvironmentFile, kind_of, parse_environment, parse_specs
from ipython_where.errors import UsageError

KINDS = [
    ("# platform: linux-64\n@EXPLICIT\nhttps://x/linux-64/a-1-0.conda\n", "list", "explicit"),
    ("dependencies:\n- numpy\n", "x", "environment"),
    ("# made by hand\nchannels: [a]\n", "x", "environment"),
    ('{"name": "x",\n "dependencies": []}', "environment.json", "environment"),
    ("nonsense: 1\n", "my.yml", "environment"),
    ("version: 6\nenvironments:\n  default: {}\npackages: []\n", "pixi.lock", "rattler-lock"),
    ("version: 1\nmetadata: {}\npackage:\n- name: x\n", "x.yml", "conda-lock"),
    ('lock-version = "1.0"\n', "pylock.toml", "pylock"),
    ("numpy\nscipy=1.2\npandas>=2\n# comment\n", "specs.txt", "specs"),
    ("six=1.16.0=pyh_0\n", "x.txt", "specs"),
    ("numpy[version='>=2']\n", "x.txt", "specs"),
    ("-r other.txt\nnumpy\n", "requirements.txt", "pip"),
    ("requests[socks]>=2\n", "x.txt", "pip"),
    ("numpy; python_version < '4'\n", "x.txt", "pip"),
    ("numpy @ https://x/numpy.whl\n", "x.txt", "pip"),
]


@pytest.mark.parametrize(("text", "name", "kind"), KINDS)
def test_the_kind_of_a_file(text: str, name: str, kind: str) -> None:
    """Its content says it; its name only where that has no mark."""
    assert kind_of(text, name) == kind


def parsed(text: str, **environ: str) -> EnvironmentFile:
    return parse_environment(text, "environment.yml", platform="linux-64", environ=environ)


def refused(text: str) -> str:
    """The message of a file that can't be followed."""
    with pytest.raises(UsageError) as raised:
        parsed(text)
    return "\n".join(raised.value.shown())


def test_a_file_with_everything() -> None:
    """Channels in their order, specs as they are written, pip's lines, and what is only told."""
    text = """
    name: lab
    channels: [conda-forge, nodefaults, "https://${HOST}/t/$TOKEN/own"]
    prefix: /srv/lab
    variables: {KEY: secret}
    category: dev
    dependencies:
    - python=3.11
    - conda-forge::numpy >=2,<3
    - pip
    - pip:
      - requests==2.31
      - -e ./mine
    - sel(unix): [a, b=1]
    - sel(win): c
    """
    assert parsed(text, HOST="conda.example", TOKEN="tk-1") == EnvironmentFile(
        path="environment.yml",
        specs=("python=3.11", "conda-forge::numpy >=2,<3", "pip", "a", "b=1"),
        pip=("requests==2.31", "-e ./mine"),
        channels=("conda-forge", "https://conda.example/t/tk-1/own"),
        is_alone=True,
        name="lab",
        prefix="/srv/lab",
        variables=("KEY",),
        ignored=("category",),
    )


def test_pip_is_added_where_it_is_needed() -> None:
    """As conda does."""
    assert parsed("dependencies: [a, {pip: [b]}]").specs == ("a", "pip")
    assert parsed("dependencies: [a, pip>=20, {pip: [b]}]").specs == ("a", "pip>=20")


def test_an_anchor_is_what_it_stands_for() -> None:
    """It is plain YAML; one that grows without bound is no list of specs."""
    assert parsed("x: &a [numpy, scipy]\ndependencies: *a\n").specs == ("numpy", "scipy")
    pairs = zip("abcdefghijklmnopqr", "bcdefghijklmnopqrs", strict=True)
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairs)
    assert "`a list` in `dependencies` is no match spec" in refused(f"{bomb}dependencies: *s\n")


REFUSED = [
    ("", "it is empty"),
    ("- numpy\n", "it is no table of `channels` and `dependencies`"),
    ("channels: [a]\n", "it has no `dependencies`"),
    ("dependencis: [a]\nchannels: []\n", "it has `dependencis`"),
    ("dependencies: numpy\n", "`dependencies` is not a list"),
    ("dependencies: {a: 1}\n", "`dependencies` is not a list"),
    ("dependencies: [3.11]\n", "`3.11` in `dependencies` is no match spec\n  write it in quotes"),
    ("dependencies: [a, null]\n", "`None` in `dependencies` is no match spec"),
    ("dependencies: ['>=2']\n", "`>=2` in `dependencies` is no match spec"),
    ("dependencies: [{sel(beos): a}]\n", "`sel(beos):` in `dependencies` means nothing"),
    ("dependencies: [{npm: [a]}]\n", "`npm:` in `dependencies` means nothing"),
    ("dependencies: [{pip: requests}]\n", "`pip` is not a list of texts"),
    ("dependencies: [a]\nchannels: conda-forge\n", "`channels` is not a list of texts"),
    ("dependencies: [a]\nname: [b]\n", "`name` is not a text"),
    ("dependencies: [a]\nvariables: [b]\n", "`variables` is not a table"),
    ("dependencies: [a\n", "it is no plain YAML\n  line 2: "),
    ("dependencies:\n\t- a\n", "it is no plain YAML\n  line 2: "),
    (
        "dependencies: !!python/object/apply:os.system [true]\n",
        "it is no plain YAML\n  line 1: could not determine a constructor",
    ),
    ("dependencies: !own [a]\n", "it is no plain YAML\n  line 1: could not determine a constructor"),
    ("dependencies: [a]\n---\ndependencies: [b]\n", "it is no plain YAML\n  line 2: "),
    ("[" * 20_000, "it is no plain YAML"),
    ("dependencies: [a]\nx: " + "[" * 50_000 + "]" * 50_000, "it is no plain YAML"),
    ("dependencies: [a]\nx: !!bool q\n", "it is no plain YAML"),
    ("dependencies: [a]\nx: !!timestamp a\n", "it is no plain YAML"),
    ("dependencies: [a]\nx: !!float _\n", "it is no plain YAML"),
    (f"dependencies: [a]\nx: 1{':01' * 300}.5\n", "it is no plain YAML"),
    (f"dependencies: [a]\nx: {'9' * 5_000}\n", "it is no plain YAML"),
    (f"dependencies: [0x{'f' * 5_000}]\n", "`a number` in `dependencies` is no match spec"),
    (f"dependencies:\n- ? 0x{'f' * 5_000}\n  : a\n", "`a number:` in `dependencies` means nothing"),
    (f"? 0x{'f' * 5_000}\n: a\n", "it has no `dependencies`"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_file_that_cannot_be_followed(text: str, message: str) -> None:
    """What is wrong is said, and where; nothing is run that a tag names."""
    said = refused(text)
    assert said.startswith("nothing was changed: `environment.yml` can't be followed: ") and "hint: " not in said
    assert message in said


def test_a_number_of_any_size_is_ignored_where_it_means_nothing() -> None:
    """Python prints no number that long."""
    number = f"0x{'f' * 5_000}"
    found = parsed(f"? {number}\n: a\nvariables:\n  ? {number}\n  : b\ndependencies: [a]\n")
    assert (found.ignored, found.variables) == (("a number",), ("a number",))


def test_a_file_of_blank_lines_is_read_at_once() -> None:
    """The time grows with its length, not with the square of it."""
    started = time.process_time()
    assert kind_of("\n" * 1_000_000, "x.yml") == "environment"
    assert kind_of("\n" * 1_000_000 + " \t@EXPLICIT \r\n", "x") == "explicit"
    assert kind_of("name" + "\n" * 1_000_000 + "a\n" * 1_000_000, "x") == "specs"
    assert parsed("channels: ['" + "${" * 200_000 + "']\ndependencies: [a]\n").channels == ("${" * 200_000,)
    assert time.process_time() - started < 20


def test_no_credential_in_a_message() -> None:
    """Neither of a channel nor of a spec."""
    said = refused("dependencies: ['>https://me:pw-CANARY@conda.example/t/tk-CANARY/x']\n")
    assert "CANARY" not in said


def test_a_list_of_specs() -> None:
    """As `conda install --file` reads it, and `conda list --export` writes it."""
    text = "# $ conda create --file this\nnumpy >=2\n\nsix=1.16=pyh_0  # why\nconda-forge::x\nz 1.2 h0_0\nmine=1.0=pypi_0\n"
    found = parse_specs(text, "s.txt")
    assert found.specs == ("numpy >=2", "six=1.16=pyh_0", "conda-forge::x", "z 1.2 h0_0")
    assert found.pip == ("mine==1.0",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# only\n", "it names no package"),
        ("numpy\nplease install scipy\n", "`please install scipy` is no match spec"),
        (">=2\n", "`>=2` is no match spec"),
    ],
)
def test_a_text_that_is_no_list(text: str, message: str) -> None:
    """It is refused before anything is asked for it."""
    with pytest.raises(UsageError) as raised:
        parse_specs(text, "s.txt")
    assert message in "\n".join(raised.value.shown())


def test_the_types_of_fields_are_checked_before_they_are_used() -> None:
    """Numbers, dates and nothing at all are what YAML makes of many a name."""
    values: list[Any] = ["2026-01-01", "1", "null", "true", "~", "1e3", "[]", "{}"]
    for key in ("name", "prefix", "variables", "channels", "dependencies"):
        for value in values:
            text = f"dependencies: [a]\n{key}: {value}\n" if key != "dependencies" else f"dependencies: {value}\n"
            try:
                parsed(text)
            except UsageError as error:
                assert "can't be followed" in str(error.shown())
