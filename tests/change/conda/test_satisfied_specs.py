"""Whether an installed package certainly meets a spec: a yes is right, and a doubt is a no."""

from __future__ import annotations

import pytest

from ipython_where.change.conda.satisfied_specs import satisfying
from ipython_where.facts.conda.records import CondaRecord

NUMPY = CondaRecord(name="numpy", version="1.26.4", build="py312h1_0", file="/p/conda-meta/numpy-1.26.4-py312h1_0.json")
DOTTED = CondaRecord(name="ruamel.yaml", version="0.18", build="0", file="/p/conda-meta/ruamel.yaml-0.18-0.json")


def named(name: str) -> CondaRecord | None:
    return {each.name: each for each in (NUMPY, DOTTED)}.get(name.lower())


@pytest.mark.parametrize(
    "spec",
    [
        "numpy",
        " numpy ",
        "NumPy",
        "numpy=1.26.4",
        "numpy=1.26",
        "numpy=1",
        "numpy==1.26.4",
        "numpy=1.26.4=py312h1_0",
    ],
)
def test_certainly_met(spec: str) -> None:
    """By its name, its very version, what begins with a version, or its build."""
    assert satisfying(spec, named) is NUMPY


def test_a_name_with_a_dot() -> None:
    """It is no version."""
    assert satisfying("ruamel.yaml=0.18", named) is DOTTED


@pytest.mark.parametrize(
    "spec",
    [
        "pandas",
        "numpy=2",
        "numpy=1.2",
        "numpy=1.26.40",
        "numpy==1.26",
        "numpy=1.26=py312h1_0",
        "numpy=1.26.4=py313h1_0",
        "numpy==1.26.4=other",
    ],
)
def test_not_met(spec: str) -> None:
    """`=1.2` is not 1.26, `==1.26` is not 1.26.4, and with a build a version is the whole one."""
    assert satisfying(spec, named) is None


@pytest.mark.parametrize(
    "spec",
    [
        "numpy>=1",
        "numpy<2",
        "numpy!=1.0",
        "numpy 1.26.*",
        "numpy=1.26.*",
        "numpy=1.26.4=py312*",
        "numpy[version='1.26.4']",
        "conda-forge::numpy",
        "numpy~=1.26",
        "numpy=1.26|2",
        "numpy=",
        "https://x.example/numpy-1.26.4-py312h1_0.conda",
        "",
        "numpy numpy",
        "numpy\nnumpy",
    ],
)
def test_left_to_the_solver(spec: str) -> None:
    """It takes conda's order of versions, a pattern, a channel: more than comparing text, though it may well be met."""
    assert satisfying(spec, named) is None
