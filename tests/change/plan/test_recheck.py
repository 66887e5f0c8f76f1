"""What is asked of each staged project, which decides whether uv's choice is the only one."""

from __future__ import annotations

from ipython_where import probe
from ipython_where.change.plan.recheck import requirements_on
from ipython_where.facts.distributions.installed import Installed
from ipython_where.facts.distributions.requirement import Markers

ENVIRONMENT = {
    name: Installed(name=name, project=name, version="1.0", requires=requires)
    for name, requires in {
        "app": ("lib>=1", "extra<3 ; extra == 'more'", "old ; python_version < '3'"),
        "lib": ("deep>=2,<3", "app"),
        "extra": ("deep!=2.5",),
        "apart": ("deep==2.0",),
    }.items()
}


def asked(names: set[str], *roots: str) -> set[str]:
    """What the roots lead to, in no order."""
    return set(requirements_on(names, roots, ENVIRONMENT, Markers(probe.markers())))


def test_what_the_roots_lead_to_counts() -> None:
    """Through what is installed, too, and around circles; not what nothing here leads to."""
    assert asked({"app", "deep"}, "app==1.0") == {"app==1.0", "app", "deep>=2,<3"}
    assert asked({"deep"}, "app", "apart") == {"deep>=2,<3", "deep==2.0"}


def test_extras_and_markers_decide() -> None:
    """What an extra brings counts where it is asked for; a marker that does not hold leads nowhere."""
    assert asked({"deep", "extra"}, "app[more]") == {"extra<3", "deep>=2,<3", "deep!=2.5"}
    assert asked({"app", "old"}, "app", "old>=9 ; python_version < '3'") == {"app"}


def test_a_url_leaves_nothing_to_choose() -> None:
    """Its version is the URL's."""
    assert asked({"app", "lib"}, "app @ https://h.example/app.zip") == {"app", "lib>=1"}
