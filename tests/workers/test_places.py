"""Who runs in which environment, who leads there, and which Python carries a change out: by what workers say of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from ipython_where.errors import WhereError
from ipython_where.workers.places import KERNEL, Driver, driver_of, grouped, programs_of


def told(key: str, **more: Any) -> dict[str, Any]:
    """What a worker says of itself."""
    return {
        "os": "posix",
        "key": key,
        "version": "3.12.1",
        "series": [3, 12],
        "executable": f"/{key}/bin/python",
        "prefix": f"/{key}",
        "host": "h",
        "machine": ["boot", "mounts"],
        "user": 1000,
        "owner": 1000,
        "kind": "k",
        "holds": "h",
        "runs_on": {},
        "carries": None,
    } | more


def test_two_workers_in_one_environment_are_one_place() -> None:
    """And the kernel is in it, if it runs there; alone it counts only if it was asked for."""
    looks = {
        KERNEL: told("a"),
        "w1": told("a", runs_on={"dask": "/a/dask/__init__.py"}),
        "w2": told("a", runs_on={"distributed": "/a/distributed/__init__.py"}),
        "w3": told("b"),
    }
    first, second = grouped(looks, and_here=False)
    assert (first.workers, first.with_kernel) == (("w1", "w2"), True)
    assert first.runs_on == {"dask": "/a/dask/__init__.py", "distributed": "/a/distributed/__init__.py"}
    assert (second.workers, second.with_kernel) == (("w3",), False)
    alone = {KERNEL: told("a"), "w1": told("b")}
    assert [each.prefix for each in grouped(alone, and_here=False)] == ["/b"]
    assert [each.prefix for each in grouped(alone, and_here=True)] == ["/a", "/b"]


def test_the_owner_of_an_environment_leads_in_it() -> None:
    """Others cannot look into the leader's folder."""
    looks = {"nobody": told("a", user=65534), "ada": told("a"), "too": told("a")}
    (place,) = grouped(looks, and_here=False)
    assert place.leaders == ("ada", "too")
    assert place.workers == ("nobody", "ada", "too")


def test_an_older_python_is_changed_by_a_newer_one_of_the_same_machine() -> None:
    """Which sees the same files; there is none on another machine, nor in another container of this one.

    Another user's is none either: what it runs is not this user's choice.
    """
    old = told("old", version="3.9.18", series=[3, 9])
    looks = {"old": old, "far": told("far", machine=["other", "mounts"]), "inside": told("in", machine=["boot", "own"])}
    place = grouped(looks, and_here=False)[0]
    assert driver_of(place, looks.values()) is None
    theirs = told("theirs", user=65534, carries=["/theirs/site"])
    assert driver_of(place, [*looks.values(), theirs]) is None
    assert programs_of(place, [*looks.values(), theirs]) == ("/old/bin",)
    near = told("near", carries=["/near/site"])
    assert driver_of(place, [*looks.values(), near]) == Driver(executable="/near/bin/python", paths=("/near/site",))
    assert driver_of(grouped({"x": told("x")}, and_here=False)[0], [near]) == Driver(
        executable="/x/bin/python", paths=None
    )
    assert programs_of(place, [*looks.values(), near]) == ("/old/bin", "/near/bin")


def test_a_worker_on_another_system_is_refused() -> None:
    """A file that is in use cannot be renamed there."""
    looks = {"w": {"os": "nt", "executable": "C:\\python.exe", "version": "3.12.1", "prefix": "C:\\"}}
    with pytest.raises(WhereError) as error:
        grouped(looks, and_here=False)
    assert error.value.lines() == [
        "nothing was changed: `w` runs on a system where nothing can be changed safely while it is in use",
        "  w  C:\\python.exe  (3.12.1)",
    ]
