"""What the files of a change meet, judged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ipython_where.change.plan.clashes import (
    Clash,
    Ground,
    Met,
    clash_findings,
    import_names,
    named_files,
    regular_names,
)
from ipython_where.change.values import Occupant
from ipython_where.model import Evidence, Finding
from tests import environments

GROUND = Ground(sites=("lib/site", "lib64/site"), scripts="bin", library="lib")
OF_PREFIX = Ground(sites=("lib/site",), scripts="bin")


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("lib/site/a/b.py", "a/b.py"),
        ("lib64/site/a.so", "a.so"),
        ("lib/site", None),
        ("lib/sites/a.py", None),
        ("bin/a", None),
    ],
)
def test_a_path_is_told_as_its_site_has_it(path: str, inside: str | None) -> None:
    assert GROUND.in_site(path) == inside


@pytest.mark.parametrize(
    "path",
    [
        "bin/python",
        "bin/python3",
        "bin/python3.13t",
        "bin/pypy3",
        "bin/Python.exe",
        "bin/pythonw.exe",
        "bin/python3-config",
        "bin/activate",
        "bin/activate.fish",
        "bin/Activate.ps1",
        "bin/activate_this.py",
        "bin/deactivate.bat",
        "bin/pydoc.bat",
        "pyvenv.cfg",
        "PyVenv.cfg",
        "conda-meta/history",
        ".safepip/journal",
        ".lock",
        "lib/os.py",
        "lib/lib-dynload/x.so",
    ],
)
def test_what_an_environment_is_made_of_is_its_own(path: str) -> None:
    assert GROUND.is_own(path)


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize(
    "made_by",
    [
        (environments.uv(), "venv", "--quiet", "--no-config"),
        (environments.base_python(), "-m", "venv", "--without-pip"),
        (sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", "--no-seed"),
    ],
    ids=["uv", "venv", "virtualenv"],
)
@pytest.mark.usefixtures("installer")
def test_every_program_of_an_empty_environment_is_its_own(tmp_path: Path, made_by: tuple[str, ...]) -> None:
    environments.call(*made_by, tmp_path / "env")
    programs = {each.name for each in (tmp_path / "env" / "bin").iterdir()}
    assert {"python", "activate"} <= programs
    assert {each for each in programs if not GROUND.is_own(f"bin/{each}")} == set()


@pytest.mark.parametrize(
    "path",
    [
        "bin/pip",
        "bin/pythonic",
        "bin/pydoc",
        "bin/activated",
        "bin/python3.13-dbg-x",
        "bin/activate-global-python-argcomplete",
        "bin/deep/python",
        "share/python",
        "share/pyvenv.cfg",
        "lib/site/a.py",
        "lib64/site/pyvenv.cfg",
        "library/os.py",
        "locks/.lock",
    ],
)
def test_what_others_may_bring_is_not_its_own(path: str) -> None:
    """Programs of other names, what lies in a site, and files of these names elsewhere."""
    assert not GROUND.is_own(path)


def test_the_library_of_another_prefix_is_out_of_reach() -> None:
    assert not OF_PREFIX.is_own("lib/os.py")


@pytest.mark.parametrize(
    ("path", "is_needed"),
    [
        ("lib/site/a/b.py", True),
        ("lib/site/a/tests/b.py", True),
        ("lib/site/a.so", True),
        ("lib/site/a.pyd", True),
        ("lib/site/a/notes.txt", False),
        ("lib/site/tests/b.py", False),
        ("lib/site/Docs/conf.py", False),
        ("lib/site/example/b.py", False),
        ("lib/site/testing/b.py", True),
        ("bin/tool", True),
        ("bin/deep/tool", False),
        ("share/doc/tool.py", False),
    ],
)
def test_code_and_programs_are_needed(path: str, is_needed: bool) -> None:
    """Notes, data and the tests that many projects bring at the top of a site are not."""
    assert GROUND.is_needed(path) is is_needed


def test_the_names_that_files_are_imported_by() -> None:
    """Parts of a namespace are everybody's: they take no name."""
    files = [
        "lib/site/mod.py",
        "lib/site/ext.cpython-311-x86_64-linux-gnu.so",
        "lib/site/pkg/__init__.py",
        "lib/site/pkg/a.py",
        "lib64/site/pkg/fast.so",
        "lib/site/space/part/__init__.py",
        "lib/site/built/__init__.cpython-311.so",
        "lib/site/pkg/data.txt",
        "lib/site/pkg-1.dist-info/x.py",
        "lib/site/__pycache__/mod.cpython-311.pyc",
        "bin/tool.py",
    ]
    assert import_names(files, GROUND) == {
        "mod": [files[0]],
        "ext": [files[1]],
        "pkg": [files[2], files[3], files[4]],
        "space": [files[5]],
        "built": [files[6]],
    }
    assert regular_names(files, GROUND) == {"mod", "ext", "pkg", "built"}


def file(*paths: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(label="file", value=each) for each in paths)


def of_kernel(message: str, hint: str, *paths: str, id: str = "kernel-files") -> Finding:
    return Finding(id=id, severity="error", message=message, evidence=file(*paths), hint=hint)


def found(met: Met, runs: Occupant = Occupant.KERNEL) -> list[Finding]:
    return list(clash_findings(met, GROUND, runs=runs))


def test_nothing_met_is_nothing_said() -> None:
    assert found(Met()) == []


def test_what_is_the_environments_own_is_refused() -> None:
    """Together for each that brings some."""
    met = Met(
        own=(
            Clash(path="bin/python", by="a", of=""),
            Clash(path="pyvenv.cfg", by="b", of=""),
            Clash(path="bin/activate", by="a", of=""),
        )
    )
    hint, own = (
        "no option allows this; install it into a separate environment",
        "contains files that belong to the environment itself",
    )
    assert found(met) == [
        of_kernel(f"`a` {own}", hint, "bin/activate", "bin/python", id="environment-files"),
        of_kernel(f"`b` {own}", hint, "pyvenv.cfg", id="environment-files"),
    ]  # fmt: skip


@pytest.mark.parametrize(("runs", "who"), [(Occupant.KERNEL, "this kernel"), (Occupant.SERVER, "the server")])
def test_what_runs_here_is_refused_unless_it_is_allowed(runs: Occupant, who: str) -> None:
    """What is brought and what is taken away are told apart."""
    met = Met(
        kernel=(
            Clash(path="lib/site/z.py", by="a", of="zmq"),
            Clash(path="lib/site/y.py", by="a", of="zmq", leaves=True),
        )
    )
    hint, id = f"`--allow-{runs.value}` allows it", f"{runs.value}-files"
    assert found(met, runs) == [
        of_kernel(f"`a` contains files of `zmq`, which {who} runs on", hint, "lib/site/z.py", id=id),
        of_kernel(f"`a` would remove files of `zmq`, which {who} runs on", hint, "lib/site/y.py", id=id),
    ]


def test_files_of_what_takes_back_are_refused_whatever_is_allowed() -> None:
    """In any spelling of its name."""
    met = Met(kernel=(Clash(path="lib/site/ipython_where/x.py", by="a", of="IPython.Where", leaves=True),))
    message = "`a` would remove files of `IPython.Where`, and then nothing could be undone"
    assert found(met) == [
        of_kernel(message, "no option allows this", "lib/site/ipython_where/x.py", id="environment-files")
    ]


def test_a_link_in_a_folders_place_is_refused() -> None:
    met = Met(
        links=(
            Clash(path="lib/site/a", by="b", of="c"),
            Clash(path="lib/site/a", by="d", of="c"),
            Clash(path="lib/site/a", by="b", of="c"),
        )
    )
    assert found(met) == [
        Finding(
            id="linked-folder",
            severity="error",
            message="`lib/site/a` is now a link to a folder in which `c` has files too",
            evidence=(Evidence(label="for", value="b, d"),),
            hint="replace the link with a real folder",
        )
    ]


def test_a_file_of_another_that_breaks_without_it_is_refused() -> None:
    """What was shared before, and what nothing needs, is a warning; what goes with one of two is none."""
    met = Met(
        others=(
            Clash(path="lib/site/a.py", by="a", of="b"),
            Clash(path="lib/site/old.py", by="a", of="b", is_new=False),
            Clash(path="lib/site/notes.txt", by="a", of="b"),
            Clash(path="lib/site/c.py", by="a", of="c"),
            Clash(path="lib/site/gone.py", by="a", of="b", leaves=True),
            Clash(path="lib/site/gone.txt", by="a", of="b", leaves=True, is_new=False),
        )
    )

    def conflict(of: str, count: str, severity: str, *paths: str) -> Finding:
        return Finding(
            id="file-conflict",
            severity=severity,  # type: ignore[arg-type]
            message=f"`a` contains {count} that `{of}` also contains, with different content",
            evidence=file(*paths),
            hint=f"`--allow-conflicts` allows it, but may break `{of}`" if severity == "error" else None,
        )

    assert found(met) == [
        conflict("b", "a file", "error", "lib/site/a.py"),
        conflict("c", "a file", "error", "lib/site/c.py"),
        conflict("b", "2 files", "warning", "lib/site/notes.txt", "lib/site/old.py"),
    ]


def test_few_files_are_named_and_the_others_counted() -> None:
    """Each once, in order."""
    assert named_files(["c", "a", "b", "a"]) == file("a", "b", "c")
    assert named_files("edcba") == file(*"abcde")
    assert named_files("fedcba") == file(*"abcde", "and 1 more")
