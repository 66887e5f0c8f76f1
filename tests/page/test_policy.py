"""Who may bring what into the page: the configuration decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.page.offered import KernelExtension
from ipython_where.page.policy import UNKNOWN, ExtensionVerdict, Present, Rules, TakenFrom, judge, why_gone
from tests.claims import carries

DIGEST = "a" * 64
PLOT = KernelExtension(name="jupyter-matplotlib", version="0.11.9", size=600_000, digest=DIGEST)
THERE = Present(name=PLOT.name, version=PLOT.version, source="server")

MAX_BYTES = (
    "in the server's `jupyter_server_config.py`, add `c.KernelExtensions.max_bytes = 600000` to what is there, and restart"
    " the server"
)

ANYTHING = Rules()


def verdict(
    extension: KernelExtension = PLOT, *present: Present, is_local: bool = True, rules: Rules = ANYTHING
) -> ExtensionVerdict:
    return judge(extension, {each.name: each for each in present}, is_local=is_local, rules=rules)


def test_a_kernel_that_is_proven_to_be_here_may_offer_anything() -> None:
    assert verdict().verdict == "offer"
    assert verdict(rules=Rules(allowed=("something-else",))).verdict == "offer"


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ((), "off"),
        (("other",), "off"),
        (("jupyter-matplotlib",), "offer"),
        (("jupyter-*",), "offer"),
        ((f"jupyter-matplotlib@sha256:{DIGEST}",), "offer"),
        ((f"jupyter-matplotlib@sha256:{'b' * 64}",), "off"),
        ((f"jupyter-matplotlib@sha256:{'b' * 64}", f"jupyter-*@sha256:{DIGEST}"), "offer"),
    ],
)
@carries(
    "A kernel that isn't proven to run on the server's machine as its user brings only what the server's settings allow.",
)
def test_another_kernel_brings_what_the_configuration_names(allowed: tuple[str, ...], expected: str) -> None:
    assert verdict(is_local=False, rules=Rules(allowed=allowed)).verdict == expected


def test_before_the_files_are_listed_a_pin_counts_as_its_name() -> None:
    rules = Rules(allowed=(f"jupyter-matplotlib@sha256:{'b' * 64}",))
    assert verdict(replace(PLOT, digest=None), is_local=False, rules=rules).verdict == "offer"


def test_what_the_configuration_forbids_nobody_brings() -> None:
    for is_local in (True, False):
        assert verdict(is_local=is_local, rules=Rules(policy="off", allowed=("*",))).verdict == "off"
        assert verdict(is_local=is_local, rules=Rules(denied=("jupyter-*",), allowed=("*",))).verdict == "refused"
        found = verdict(is_local=is_local, rules=Rules(max_bytes=599_999, allowed=("*",)))
        assert (found.verdict, found.hint) == ("refused", MAX_BYTES if is_local else None)


@carries(
    "An extension that needs a server part can't come from a kernel: the refusal has the `--server` line that helps.",
)
def test_what_needs_a_server_part_is_refused_with_the_line_that_helps() -> None:
    found = verdict(replace(PLOT, server=("jupyterlab_git",), server_distribution="jupyterlab-git"))
    assert (found.verdict, found.hint) == ("refused", "%safepip install --server jupyterlab-git")
    assert "`jupyterlab_git`" in (found.reason or "")


@carries(
    "A name that the server's environment has is never replaced by a kernel's.",
)
def test_a_name_that_the_page_has_is_never_replaced() -> None:
    assert verdict(PLOT, THERE).verdict == "there"
    found = verdict(PLOT, replace(THERE, version="0.11.8"))
    assert (found.verdict, found.page_version, found.hint) == ("other version", "0.11.8", None)
    found = verdict(PLOT, replace(THERE, version="0.11.8", source="kernel"))
    assert (found.verdict, found.hint) == ("other version", "%safepip page unload jupyter-matplotlib")


def test_what_switches_off_others_is_refused_before_it_is_copied() -> None:
    assert verdict(replace(PLOT, switches_off=True)).verdict == "refused"


def test_a_stranger_recommends_nothing_to_install() -> None:
    found = verdict(replace(PLOT, server=("x",), server_distribution="evil"), is_local=False)
    assert (found.verdict, found.hint) == ("refused", None)


def test_case_makes_no_other_name() -> None:
    """Some file systems don't tell them apart: the files of one would be served as the other's."""
    other = replace(PLOT, name="Jupyter-Matplotlib")
    assert verdict(other, THERE).verdict == "other version"
    assert verdict(other, rules=Rules(denied=("jupyter-*",))).verdict == "refused"


TAKEN = Present(name=PLOT.name, version=PLOT.version, source="kernel")
HERE, ELSEWHERE = (TakenFrom(is_local=is_local, digest=DIGEST) for is_local in (True, False))


@pytest.mark.parametrize(
    ("origin", "rules", "stays"),
    [
        (HERE, ANYTHING, True),
        (HERE, Rules(policy="off"), False),
        (HERE, Rules(denied=("jupyter-*",)), False),
        (ELSEWHERE, ANYTHING, False),
        (ELSEWHERE, Rules(allowed=("other",)), False),
        (ELSEWHERE, Rules(allowed=("jupyter-*",)), True),
        (ELSEWHERE, Rules(allowed=(f"jupyter-*@sha256:{DIGEST}",)), True),
        (ELSEWHERE, Rules(allowed=(f"jupyter-*@sha256:{'b' * 64}",)), False),
        (UNKNOWN, Rules(allowed=("jupyter-*",)), True),
        (UNKNOWN, Rules(allowed=(f"jupyter-*@sha256:{DIGEST}",)), False),
    ],
)
def test_what_would_not_be_taken_any_more_goes(origin: TakenFrom, rules: Rules, stays: bool) -> None:
    """A pin counts for what is known to have its hash."""
    assert (why_gone(TAKEN, origin, rules) is None) == stays
