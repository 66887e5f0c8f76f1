"""Which conda package a distribution is: by the records of a real prefix, whatever its metadata says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.facts.conda.ownership import claim_on, first_claim, modules_at
from ipython_where.facts.conda.records import CondaMeta
from ipython_where.facts.distributions.distributions import Distributions
from tests import conda_prefix, environments
from tests.faults.wheels import write_wheel


@pytest.mark.parametrize(
    ("metadata", "package"),
    [
        ("six-*.dist-info", "six"),
        ("saidpip-1.0.dist-info", "saidpip"),
        ("eggy-*.egg-info", "eggy"),
        ("torch-*.dist-info", "pytorch"),
        ("importlib_metadata-*.dist-info", "importlib_metadata"),
    ],
)
def test_conda_lists_its_metadata(metadata: str, package: str) -> None:
    prefix = conda_prefix.kept()
    (found,) = environments.site_packages(prefix).glob(metadata)
    claim = claim_on(str(found), Distributions(), CondaMeta(str(prefix)).records())
    assert claim is not None
    assert (claim.record.name, claim.is_whole, claim.is_sure) == (package, True, True)


def test_what_another_installer_put_over_it(tmp_path: Path) -> None:
    """conda lists files of it, and not its metadata; what it put beside is its own."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "pip", "saidpip")
    for name in ("saidpip", "alone"):
        write_wheel(tmp_path / "wheels", name, "2.0")
    conda_prefix.pip_puts(prefix, "--no-index", "-f", str(tmp_path / "wheels"), "saidpip==2.0", "alone")
    site, records = environments.site_packages(prefix), CondaMeta(str(prefix)).records()
    over, alone = (
        claim_on(str(site / f"{name}-2.0.dist-info"), Distributions(), records) for name in ("saidpip", "alone")
    )
    assert over is not None
    assert (over.record.shown, over.is_whole) == ("saidpip 1.0", False)
    assert alone is None
    (pip,) = site.glob("pip-*.dist-info")
    both = [str(site / "saidpip-2.0.dist-info"), str(pip)]
    strongest = first_claim(both, Distributions(), records)
    assert strongest is not None and strongest.record.name == "pip"


def test_no_conda(tmp_path: Path) -> None:
    """Nothing is claimed where conda made nothing, or of what lies elsewhere."""
    records = CondaMeta(str(conda_prefix.kept())).records()
    assert claim_on(str(tmp_path / "six-1.dist-info"), Distributions(), records) is None
    assert claim_on(str(tmp_path / "six-1.dist-info"), Distributions(), CondaMeta(str(tmp_path)).records()) is None


def test_the_modules_that_conda_has() -> None:
    """A package, a module, an extension; a folder without code and a name that only begins alike are none."""
    prefix = conda_prefix.kept()
    site = str(environments.site_packages(prefix))
    found = modules_at(["cv2", "plainmod", "six", "plain", "thing", "numpy"], [site], CondaMeta(str(prefix)).records())
    assert {name: record.name for name, (_, record) in found.items()} == {
        "cv2": "py-opencv",
        "plainmod": "plainmod",
        "six": "six",
        "numpy": "numpy",
    }
    assert found["cv2"][0].endswith(b"/site-packages/cv2/__init__.py")
