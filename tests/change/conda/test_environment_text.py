"""An environment written down: the formats beside what conda itself wrote for the same environment, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.change.conda.environment_text import (
    Exported,
    ExportedPackage,
    conda_lock_text,
    environment_text,
    explicit_text,
    format_of,
    lock_text,
)
from ipython_where.errors import UsageError, WhereError


def package(name: str, version: str, build: str, **more: str) -> ExportedPackage:
    said = {
        "subdir": "linux-64",
        "channel": "https://conda.anaconda.org/conda-forge/",
        "md5": "a" * 32,
        "sha256": "b" * 64,
    }
    said |= more
    url = f"{said['channel']}{said['subdir']}/{name}-{version}-{build}.conda"
    return ExportedPackage(name=name, version=version, build=build, url=url, depends=("python >=3.9", "zlib"), **said)


LAB = Exported(
    name="lab",
    prefix="/srv/envs/lab",
    platform="linux-64",
    packages=(
        package("numpy", "2.1.3", "py311h0_0"),
        package("python", "3.11.7", "0_cpython", channel="https://repo.anaconda.com/pkgs/main/"),
        package("tzdata", "2026a", "h1_0", subdir="noarch"),
    ),
    channels=("bioconda", "conda-forge"),
    asked=("python=3.11", "numpy >=2"),
    pip=("my-own==1.0", "requests==2.31.0"),
)


def written(
    said: Exported, *, from_history: bool = False, no_builds: bool = False, ignore_channels: bool = False
) -> str:
    return environment_text(said, from_history=from_history, no_builds=no_builds, ignore_channels=ignore_channels)


def test_an_environment_file_is_what_conda_writes() -> None:
    """`conda export` of 26.7 wrote this text for such records and settings, but for pip's part and the prefix."""
    assert written(LAB) == (
        "name: lab\nchannels:\n  - conda-forge\n  - defaults\n  - bioconda\ndependencies:\n"
        "  - numpy=2.1.3=py311h0_0\n  - python=3.11.7=0_cpython\n  - tzdata=2026a=h1_0\n"
        "  - pip:\n      - my-own==1.0\n      - requests==2.31.0\nprefix: /srv/envs/lab\n"
    )


def test_the_options_of_an_environment_file() -> None:
    """Without builds, without the packages' channels, and only what was asked for."""
    assert "  - numpy=2.1.3\n" in written(LAB, no_builds=True)
    assert "channels:\n  - bioconda\n  - conda-forge\ndep" in written(LAB, ignore_channels=True)
    asked = written(replace(LAB, pip=()), from_history=True)
    assert "channels:\n  - bioconda\n  - conda-forge\ndependencies:\n  - python=3.11\n  - numpy >=2\nprefix" in asked
    assert "channels:\n  - conda-forge\n" in written(replace(LAB, channels=()), from_history=True)
    assert "channels" not in written(replace(LAB, channels=()), ignore_channels=True)
    with pytest.raises(WhereError, match="nothing that was asked for"):
        written(replace(LAB, asked=()), from_history=True)


def test_an_explicit_list() -> None:
    """Each address with the hash that every conda reads."""
    packages = (LAB.packages[0], replace(LAB.packages[1], md5=None), replace(LAB.packages[2], md5=None, sha256=None))
    assert explicit_text(replace(LAB, packages=packages, pip=())) == (
        "# platform: linux-64\n@EXPLICIT\n"
        f"https://conda.anaconda.org/conda-forge/linux-64/numpy-2.1.3-py311h0_0.conda#{'a' * 32}\n"
        f"https://repo.anaconda.com/pkgs/main/linux-64/python-3.11.7-0_cpython.conda#{'b' * 64}\n"
        "https://conda.anaconda.org/conda-forge/noarch/tzdata-2026a-h1_0.conda\n"
    )


def test_a_lock_file_of_conda_lock() -> None:
    """Version 1, with what its model asks for."""
    text = conda_lock_text(replace(LAB, packages=LAB.packages[:1]))
    assert "- name: numpy\n    version: 2.1.3\n    manager: conda\n    platform: linux-64\n" in text
    assert "    dependencies:\n      python: '>=3.9'\n      zlib: ''\n" in text
    assert (
        f"    hash:\n      md5: {'a' * 32}\n      sha256: {'b' * 64}\n    category: main\n    optional: false\n" in text
    )
    with pytest.raises(WhereError, match="`numpy` can't be listed: conda-lock wants an md5"):
        conda_lock_text(replace(LAB, packages=(replace(LAB.packages[0], md5=None),)))


def test_what_is_left_out_is_said_in_the_file() -> None:
    """As a comment, which each format reads over: pip's part where the format has no place for it, and values of variables."""
    said = replace(LAB, variables=("AWS_KEY", "PROJ_DATA"))
    variables = "# left out: the values of AWS_KEY, PROJ_DATA, which activating the environment sets\n"
    pip = "# left out: what pip installed (2), which `%safepip lock` writes down\n"
    assert written(said).startswith(f"{variables}name: lab\n")
    assert explicit_text(said).startswith(f"{variables}{pip}# platform: linux-64\n@EXPLICIT\n")
    assert conda_lock_text(said).startswith(f"{variables}{pip}version: 1\n")
    assert lock_text(said, "version: 7\n") == f"{variables}{pip}version: 7\n"


def test_a_package_from_nowhere_is_refused_in_a_list() -> None:
    """One that was built in place has no address."""
    packages = (replace(LAB.packages[0], url=""), *LAB.packages[1:])
    for write in (explicit_text, conda_lock_text):
        with pytest.raises(WhereError, match="`numpy` can't be listed: where they came from is not known"):
            write(replace(LAB, packages=packages))


@pytest.mark.parametrize(
    ("said", "file", "form"),
    [
        (None, None, "environment-yaml"),
        (None, "my/environment.yaml", "environment-yaml"),
        (None, "conda-lock.yml", "conda-lock"),
        (None, "conda-lock.linux-64.yml", "conda-lock"),
        (None, "pixi.lock", "rattler-lock"),
        (None, "spec.txt", "explicit"),
        ("pixi", None, "rattler-lock"),
        ("yaml", "odd", "environment-yaml"),
        ("explicit", "environment.yml", "explicit"),
    ],
)
def test_the_format(said: str | None, file: str | None, form: str) -> None:
    """What is said counts, then the file's name."""
    assert format_of(said, file) == form


def test_a_format_that_is_not_known() -> None:
    """The known ones are named."""
    with pytest.raises(UsageError) as raised:
        format_of("explicitt", None)
    assert raised.value.shown()[-1] == "hint: `--format explicit`"
    with pytest.raises(UsageError, match=r"the name `env\.json` doesn't say which format is meant"):
        format_of(None, "env.json")
