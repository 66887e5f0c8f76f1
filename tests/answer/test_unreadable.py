"""What this user may not read is named, where Python only says that a name is not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ipython_where.answer.failed_import import explain_failure
from ipython_where.answer.name import where
from ipython_where.answer.unreadable import unreached_entries
from ipython_where.answer.world import World
from ipython_where.judge.diagnose.unreadable import unreached_finding
from ipython_where.judge.failure import FailedImport
from ipython_where.model import Finding
from tests.users import ALONE_AS_ROOT, as_somebody

from .test_name import install, world, write

__all__ = ["world"]  # fixture

pytestmark = ALONE_AS_ROOT


@pytest.fixture
def open_site(world: World) -> Iterator[Path]:
    """A site-packages that every user may reach, unlike pytest's folders."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    install(folder, "locked", "1.0", "locked/__init__.py", "locked/part.py")
    install(folder, "single", "1.0", "single.py")
    yield folder
    shutil.rmtree(folder)


def of(world: World, site: Path) -> World:
    return replace(world, system=replace(world.system, path=[str(site)], importer_cache={}))


def told(findings: tuple[Finding | None, ...], site: Path) -> str:
    rows = [
        " | ".join([each.message, *(f"{row.value} {row.note}" for row in each.evidence), each.hint or ""])
        for each in findings
        if each is not None
    ]
    return "\n".join(rows).replace(str(site), "SITE")


FOLDER = (
    "the folder of `locked` cannot be read by this user: Python takes it for an empty package "
    "| SITE/locked drwx------, owned by root | `chmod -R a+rX SITE/locked` makes it readable, if its owner runs it"
)


@pytest.mark.parametrize(
    "failed",
    [
        FailedImport(missing="locked.part", asked="locked.part"),
        FailedImport(source="locked", names=("part",)),
    ],
)
def test_a_package_folder_that_another_user_may_not_read(world: World, open_site: Path, failed: FailedImport) -> None:
    """The folder, its mode and whose it is; root may read it."""
    assert not explain_failure(replace(failed, missing=failed.missing and "json.part"), of(world, open_site))
    (open_site / "locked").chmod(0o700)
    said = as_somebody(lambda: told((explain_failure(failed, of(world, open_site)),), open_site))
    assert said == FOLDER


def test_the_question_about_its_name_says_so_too(world: World, open_site: Path) -> None:
    """Of a folder, of a file, and of what is inside."""
    (open_site / "locked").chmod(0o700)
    (open_site / "single.py").chmod(0o600)

    def answered(name: str) -> str:
        return told(where(name, of(world, open_site)).findings, open_site)

    names = ("locked", "locked.part", "single")
    install(open_site / "other", "open", "1.0", "open.py")
    assert where("open", of(world, open_site / "other")).findings == ()
    assert where("shut", of(world, open_site / "other")).found is False
    there = [as_somebody(partial(answered, each)) for each in names]
    assert there == [
        FOLDER,
        FOLDER,
        "the file of `single` cannot be read by this user: `import single` fails | SITE/single.py -rw-------, owned by root "
        "| `chmod -R a+rX SITE/single.py` makes it readable, if its owner runs it",
    ]


def test_an_entry_of_the_path_that_another_user_may_not_list(world: World, open_site: Path) -> None:
    """Nothing in it is found, whatever is installed there."""
    inner = open_site / "inner"
    install(inner, "deep", "1.0", "deep.py")
    entry = (
        "an entry of this kernel's path cannot be read by this user: nothing in it is found "
        "| SITE/inner drwx--x--x, owned by root | `chmod -R a+rX SITE/inner` makes it readable, if its owner runs it"
    )
    failed = FailedImport(missing="deep", asked="deep")
    questions: tuple[Callable[[Path], tuple[Finding | None, ...]], ...] = (
        lambda site: (explain_failure(failed, of(world, site)),),
        lambda site: tuple(map(unreached_finding, unreached_entries(of(world, site)))),
        lambda site: where("deep", of(world, site)).findings,
    )
    for question in questions:
        question(open_site)  # what it imports, that user may not be allowed to read
    inner.chmod(0o711)

    def answered(question: Callable[[Path], tuple[Finding | None, ...]]) -> str:
        return told(question(inner), open_site)

    assert [as_somebody(partial(answered, each)) for each in questions] == [entry] * 3


def test_an_owner_without_a_name_is_a_number(world: World, open_site: Path) -> None:
    write(open_site / "numbered" / "__init__.py")
    os.chown(open_site / "numbered", 54321, 54321)
    (open_site / "numbered").chmod(0o700)
    failed = FailedImport(source="numbered", names=("x",))
    explain_failure(replace(failed, source="locked"), of(world, open_site))
    assert "owned by 54321" in as_somebody(lambda: told((explain_failure(failed, of(world, open_site)),), open_site))
