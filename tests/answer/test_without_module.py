"""What is installed and cannot be imported is told as such, with what brings the module that was meant."""

from __future__ import annotations

import shutil
from pathlib import Path

from ipython_where.answer.name import where
from ipython_where.answer.world import World

from .test_name import install, site, world, write

__all__ = ["site", "world"]  # fixtures


def told(world: World, name: str) -> tuple[bool | None, list[tuple[str, str, str | None]]]:
    answer = where(name, world)
    return answer.found, [(each.severity, each.message, each.hint) for each in answer.findings]


def test_a_placeholder_is_not_the_module_that_is_meant(world: World, site: Path) -> None:
    install(site, "sklearn", "0.0", "sklearn-0.0.dist-info/METADATA")
    assert told(world, "sklearn") == (
        False,
        [
            (
                "warning",
                "`sklearn` 0.0 is installed and brings no module: `import sklearn` fails",
                "`%safepip install scikit-learn` brings the module",
            )
        ],
    )
    install(site, "scikit_learn", "1.5", "sklearn/__init__.py")
    assert told(world, "sklearn") == (True, [])


def test_a_metapackage_is_a_distribution_and_what_it_requires_may_be_missing(world: World, site: Path) -> None:
    install(
        site,
        "bundle",
        "1.0",
        "bundle-1.0.dist-info/METADATA",
        requires=("tiny>=1", 'other; python_version < "3"', "more; extra == 'x'"),
    )
    found, (finding,) = told(world, "bundle")
    assert (found, finding) == (
        True,
        (
            "warning",
            "`bundle` 1.0 is installed and brings no module: `import bundle` fails",
            "`%safepip install bundle` installs what it requires",
        ),
    )
    (evidence,) = where("bundle", world).findings[0].evidence
    assert (evidence.label, evidence.value, evidence.note) == ("requires", "tiny>=1", "not installed")
    install(site, "tiny", "1.0", "tiny.py")
    message = "`bundle` 1.0 is installed and brings no module: `import bundle` fails"
    assert told(world, "bundle") == (True, [("note", message, None)])


def test_only_types_are_no_module_and_nobody_means_one(world: World, site: Path) -> None:
    install(site, "types_tiny", "1.0", "tiny-stubs/__init__.pyi")
    assert told(world, "types-tiny") == (True, [])


def test_a_record_without_the_module_that_the_distribution_names(world: World, site: Path) -> None:
    metadata = install(site, "tiny", "1.0")
    write(metadata / "RECORD", "tiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/top_level.txt,,\n")
    write(metadata / "top_level.txt", "tiny\n")
    message = "`tiny` 1.0 is installed and brings no module: `import tiny` fails"
    hint = "`%safepip install --force-reinstall --no-deps tiny==1.0`"
    assert told(world, "tiny") == (False, [("warning", message, hint)])


def test_what_a_path_file_or_a_link_brings_is_not_said_to_be_nothing(world: World, site: Path) -> None:
    install(site, "linked", "1.0", "linked.pth")
    assert told(world, "linked") == (True, [])


def test_a_package_of_which_only_bytecode_is_left(world: World, site: Path) -> None:
    """What `pip uninstall` leaves of modules that no RECORD lists; a namespace with code in it is none."""
    write(site / "left/__pycache__/__init__.cpython-311.pyc")
    write(site / "left/sub/__pycache__/x.cpython-311.pyc")
    message = "of `left` only bytecode is left, in `__pycache__`: `import left` gives a package with nothing in it"
    hint = f"`import shutil; [shutil.rmtree(each) for each in {[str(site / 'left')]!r}]` removes it"
    assert told(world, "left") == (True, [("warning", message, hint)])
    write(site / "left/sub/x.py")
    assert told(world, "left") == (True, [])
    shutil.rmtree(site / "left")
    (site / "left").mkdir()
    assert told(world, "left") == (True, [])
