"""What becomes of pip's distributions when conda changes its packages, from values and in a real prefix."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.facts.conda.pip_effects import CondaStep, PipPut, pip_effects, read_pip_put
from ipython_where.facts.conda.records import CondaMeta
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.requirement import Markers
from ipython_where.judge.conda_effects import PipEffect
from ipython_where.probe import identity
from tests import conda_prefix, environments
from tests.faults.wheels import write_wheel

MARKERS = Markers(identity()["markers"])


def put(name: str, *files: bytes, over: str | None = None, requires: tuple[str, ...] = ()) -> PipPut:
    return PipPut(name=name, project=name, version="1.0", requires=requires, files=frozenset(files), over=over)


def step(
    package: str, new: str | None = None, *, removed: bool = False, files: frozenset[bytes] | None = None
) -> CondaStep:
    return CondaStep(package=package, new=new, is_removed=removed, projects=frozenset((package,)), files=files)


def effect(name: str, does: str, by: str, why: str | None = None) -> PipEffect:
    return PipEffect(name=name, version="1.0", does=does, by=by, why=why)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "there", "effects"),
    [
        ((step("numpy"),), (put("numpy", over="numpy"),), (effect("numpy", "overwritten", "numpy"),)),
        ((step("pytorch"),), (put("torch", over="pytorch"),), (effect("torch", "overwritten", "pytorch"),)),
        ((step("numpy"),), (put("numpy"),), (effect("numpy", "overwritten", "numpy"),)),
        ((step("numpy", removed=True),), (put("numpy", over="numpy"),), (effect("numpy", "orphaned", "numpy"),)),
        ((step("numpy", removed=True),), (put("numpy"),), ()),
        ((step("graphviz"),), (put("numpy"),), ()),
        (
            (step("x", files=frozenset((b"a.py",))),),
            (put("y", b"a.py"), put("z", b"b.py")),
            (effect("y", "overwritten", "x"),),
        ),
        ((step("x", files=frozenset()),), (put("x", b"a.py", over="x"),), ()),
        (
            (step("numpy", "1.26"),),
            (put("pandas", requires=("numpy>=2",)),),
            (effect("pandas", "broken", "numpy", "numpy>=2"),),
        ),
        ((step("numpy", "2.1"),), (put("pandas", requires=("numpy>=2",)),), ()),
        ((step("numpy"),), (put("pandas", requires=("numpy>=2",)),), ()),
        (
            (step("numpy", removed=True),),
            (put("pandas", requires=("numpy",)),),
            (effect("pandas", "broken", "numpy", "numpy"),),
        ),
        (
            (step("numpy", removed=True),),
            (put("pandas", requires=("numpy; python_version<'3'", "not a requirement")),),
            (),
        ),
        (
            (step("numpy", "1.0"), step("x", files=frozenset((b"a.py",)))),
            (put("pandas", b"a.py", requires=("numpy>=2",)),),
            (effect("pandas", "overwritten", "x"),),
        ),
        ((), (put("numpy", over="numpy"),), ()),
    ],
)
def test_each_distribution(
    steps: tuple[CondaStep, ...], there: tuple[PipPut, ...], effects: tuple[PipEffect, ...]
) -> None:
    """Overwritten by files that come or that lie beneath it, orphaned by files that go, broken by a version; at most one."""
    assert pip_effects(steps, there, MARKERS) == effects


def test_what_pip_put_into_a_real_prefix(tmp_path: Path) -> None:
    """All that conda doesn't list the metadata of, and what it was put over."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "pip", "saidpip", "plainmod", "eggy")
    write_wheel(tmp_path / "wheels", "saidpip", "2.0")
    write_wheel(tmp_path / "wheels", "alone", "1.0", requires=["saidpip"])
    write_wheel(tmp_path / "wheels", "cover", "1.0", {"plainmod.py": ""})
    conda_prefix.pip_puts(prefix, "--no-index", "-f", str(tmp_path / "wheels"), "saidpip==2.0", "alone", "cover")
    site = str(environments.site_packages(prefix))
    found = read_pip_put(Distributions(), [site], CondaMeta(str(prefix)).records())
    assert {each.name: (each.version, each.over, each.requires) for each in found} == {
        "saidpip": ("2.0", "saidpip", ()),
        "alone": ("1.0", None, ("saidpip",)),
        "cover": ("1.0", "plainmod", ()),
    }
