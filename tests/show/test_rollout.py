"""What a change of several environments shows."""

from __future__ import annotations

from dataclasses import replace

from ipython_where.change.values import Change, Plan, RolloutAnswer, RolloutPart, SilentWorker, Transaction
from ipython_where.model import Evidence, Finding

ADDED = Change(name="leaf", kind="added", old=None, new="2.0", asked_for=True)
UPGRADED = Change(name="leaf", kind="upgraded", old="1.0", new="2.0", asked_for=True)
NOTE = Finding(id="yanked", severity="warning", message="`leaf` 2.0 was yanked by its authors")


def plan(*changes: Change, satisfied: tuple[str, ...] = (), findings: tuple[Finding, ...] = ()) -> Plan:
    return Plan(
        changes=changes,
        satisfied=satisfied,
        installer="uv",
        installer_reason="the fastest",
        neutralised=(),
        findings=findings,
    )


def part(name: str, *changes: Change, workers: tuple[str, ...] = ("w1",)) -> RolloutPart:
    """An environment that was changed, or had nothing to do."""
    done = Transaction(id="tx-1", when=0.0, command="", changes=changes, undoable=True) if changes else None
    return RolloutPart(
        host="h1",
        prefix=f"/srv/{name}",
        interpreter=f"/srv/{name}/bin/python",
        version="3.12.1",
        workers=workers,
        with_kernel=False,
        outcome="changed" if changes else "unchanged",
        plan=plan(*changes, satisfied=() if changes else ("leaf by leaf 2.0",)),
        transaction=done,
    )


ANSWER = RolloutAnswer(
    command="%safepip install leaf --on client",
    engine="dask",
    on="client",
    id="6b0c5cc3-0281",
    undoes=None,
    dry_run=False,
    parts=(
        part("a", ADDED, workers=("w1", "w2")),
        replace(part("b", UPGRADED, workers=("w3",)), restart=("w3",), with_kernel=True),
        part("c", workers=("w4",)),
    ),
    silent=(SilentWorker(name="w5", reason="no answer in 30 s"),),
    later=None,
    seconds=2.5,
)


def test_what_was_installed_and_who_restarts() -> None:
    """The same distribution in different environments may be another change. Outside of a kernel, nothing is called one."""
    assert str(ANSWER) == (
        "leaf 2.0 is installed in 2 environments, for 3 workers: restart 1 worker\n"
        "  added      + leaf==2.0 · in 1 of 2 environments\n"
        "  upgraded   - leaf==1.0\n"
        "             + leaf==2.0 · in 1 of 2 environments\n"
        "  changed    /srv/a · 3.12.1 on h1 · w1, w2\n"
        "             /srv/b · 3.12.1 on h1 · this session, w3\n"
        "  unchanged  /srv/c · 3.12.1 on h1 · w4\n"
        "  restart    w3 · loaded what was replaced or removed\n"
        "  no answer  w5 · no answer in 30 s\n"
        "  installer  uv\n"
        "  undo       `%safepip undo 6b0c5cc3-0281 --on client` · 2.5 s"
    )


def test_the_kernel_and_the_scheduler_are_no_workers() -> None:
    """The one is restarted otherwise, and the other is not counted."""
    own = replace(part("a", ADDED, workers=("w1", "scheduler")), with_kernel=True, restart=("this kernel", "w1"))
    assert str(replace(ANSWER, parts=(own,))).splitlines()[0] == (
        "leaf 2.0 is installed in 1 environment, for 1 worker: restart this session and 1 worker"
    )
    alone = replace(own, restart=("this kernel",))
    assert str(replace(ANSWER, parts=(alone,))).splitlines()[0].endswith(": restart this session")


def test_a_plan_and_an_undo() -> None:
    """In the same words as one environment's."""
    planned = replace(part("a", ADDED), outcome="planned", transaction=None)
    dry = replace(ANSWER, parts=(planned,), dry_run=True, id=None, silent=())
    assert str(dry).splitlines()[0] == "would install leaf 2.0 in 1 environment, for 1 worker"
    assert str(replace(dry, undoes="6b0c5cc3-0281")).splitlines()[0] == (
        "would undo `6b0c5cc3-0281` in 1 environment, for 1 worker"
    )
    undone = replace(ANSWER, undoes="6b0c5cc1-0001", parts=(part("a", ADDED),))
    assert str(undone).splitlines()[0] == "`6b0c5cc1-0001` was undone in 1 environment, for 1 worker"


def test_what_was_removed() -> None:
    """With the version that it had. What is nowhere is told; what is in one of them is told by its row."""
    leaf, tree = replace(ADDED, kind="removed", old="1.0", new=None), replace(ADDED, kind="removed", old=None, new=None)
    tree = replace(tree, name="tree")
    missing = [Finding(id="not-installed", severity="warning", message=f"`{name}` is not installed") for name in "xy"]
    one = replace(part("a", leaf, tree), plan=plan(leaf, tree, findings=tuple(missing[:1])))
    two = replace(part("b", leaf), plan=plan(leaf, findings=tuple(missing)))
    without = replace(part("c"), plan=None)
    removed = replace(ANSWER, parts=(one, two, without), silent=(), later="workers that join later lose leaf first")
    assert str(removed) == (
        "leaf 1.0, tree (version unknown) are removed from 2 environments, for 2 workers\n"
        "  removed    - leaf==1.0\n"
        "             - tree (version unknown) · in 1 of 2 environments\n"
        "  changed    /srv/a · 3.12.1 on h1 · w1\n"
        "             /srv/b · 3.12.1 on h1 · w1\n"
        "  unchanged  /srv/c · 3.12.1 on h1 · w1\n"
        "  later      workers that join later lose leaf first\n"
        "  installer  uv\n"
        "  undo       `%safepip undo 6b0c5cc3-0281 --on client` · 2.5 s\n"
        "\n"
        "`x` is not installed"
    )
    planned = replace(one, outcome="planned", transaction=None)
    dry = replace(removed, parts=(planned,), dry_run=True, id=None)
    assert str(dry).splitlines()[0] == (
        "would remove leaf 1.0, tree (version unknown) from 1 environment, for 1 worker"
    )


def test_nothing_to_do() -> None:
    """What holds already is named once."""
    nothing = replace(ANSWER, parts=(part("a"), part("b")), id=None, silent=())
    assert str(nothing).splitlines()[0] == "nothing to do in 2 environments: leaf by leaf 2.0"


def test_a_finding_that_not_all_share_says_where() -> None:
    """One that all share is said once."""
    one = replace(part("a", ADDED), plan=plan(ADDED, findings=(NOTE,)))
    shown = str(replace(ANSWER, parts=(one, part("b", ADDED))))
    assert "`leaf` 2.0 was yanked by its authors" in shown and "in  /srv/a" in shown
    both = replace(one, prefix="/srv/b")
    assert "in  /srv/a" not in str(replace(ANSWER, parts=(one, both)))


def test_a_part_that_failed_says_why() -> None:
    """Beside its environment."""
    problem = Finding(
        id="error", severity="error", message="its leader was killed", evidence=(Evidence(label="", value="x"),)
    )
    failed = replace(part("b"), outcome="failed", plan=None, problem=problem)
    assert "failed     /srv/b · 3.12.1 on h1 · w1 · its leader was killed" in str(
        replace(ANSWER, parts=(part("a", ADDED), failed))
    )
    assert replace(ANSWER, parts=(failed,)).to_dict()["parts"][0]["problem"]["message"] == "its leader was killed"
