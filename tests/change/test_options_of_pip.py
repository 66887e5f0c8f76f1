"""Options that pip has and uv has not: carried out with pip's meaning, from the plan to the end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from .installers import local
from .sessions import Session, clean_world, make_environment, session, versions

pytestmark = pytest.mark.usefixtures("installer")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """An environment beside wheels of `alpha`, which needs `beta`."""
    folder = tmp_path_factory.mktemp("options")
    (folder / "wheels").mkdir()
    local.standard_wheels(folder / "wheels")
    with session(make_environment(folder / "env"), clean_world(folder / "home"), folder) as run:
        yield run


@pytest.fixture
def run(shared: Session) -> Iterator[Session]:
    """Nothing is installed in it."""
    yield shared
    if installed := versions(shared.prefix):
        shared.changed(f"uninstall {' '.join(installed)}")


FROM = "--no-index -f wheels"


@pytest.mark.parametrize(
    ("line", "reason", "found"),
    [
        ("--only-deps alpha==1.0", "`--only-deps`", {"beta": "2.0"}),
        ("--all-releases beta beta", "`--all-releases`", {"beta": "3.0rc1"}),
        ("--only-final :all: beta", "`--only-final`", {"beta": "2.0"}),
        ("--refresh-package :all: beta", "`--refresh-package`", {"beta": "2.0"}),
        ("--no-proxy-env --debug beta", "`--no-proxy-env`", {"beta": "2.0"}),
        ("--require-virtualenv --default-timeout 9 beta", "`--require-virtualenv`", {"beta": "2.0"}),
    ],
)
def test_it_is_for_pip_and_means_what_it_means_there(
    run: Session, line: str, reason: str, found: dict[str, str]
) -> None:
    """uv cannot be told; what is staged is what pip planned with it."""
    plan = run.changed(f"install {FROM} {line}")["plan"]
    expected = ("pip", f"uv has no equivalent of {reason}")
    assert (plan["installer"], plan["installer_reason"]) == expected
    assert versions(run.prefix) == found


def test_what_a_script_needs(run: Session) -> None:
    """The requirements in its inline metadata (PEP 723), by themselves."""
    (run.prefix.parent / "script.py").write_text('# /// script\n# dependencies = ["alpha<2"]\n# ///\n')
    run.changed(f"install {FROM} --requirements-from-script script.py")
    assert versions(run.prefix) == {"alpha": "1.0", "beta": "2.0"}


def test_a_hash_that_counts_for_one_requirement_alone(run: Session) -> None:
    """`--no-require-hashes` is in the plan; what is staged has all its hashes."""
    wheel = run.prefix.parent / "wheels" / "alpha-1.0-py3-none-any.whl"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (run.prefix.parent / "r.txt").write_text(f"alpha==1.0 --hash=sha256:{digest}\n")
    assert "hash" in run(f"install {FROM} -r r.txt")["error"]
    run.changed(f"install {FROM} --no-require-hashes -r r.txt")
    assert versions(run.prefix) == {"alpha": "1.0", "beta": "2.0"}


def test_options_of_a_file_that_only_a_young_pip_knows(run: Session) -> None:
    """They hide none of the others beside them."""
    (run.prefix.parent / "r.txt").write_text("--no-index --find-links wheels --all-releases beta\nbeta\n")
    assert run.changed("install -r r.txt")["plan"]["installer"] == "pip"
    assert versions(run.prefix) == {"beta": "3.0rc1"}
