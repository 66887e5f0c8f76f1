"""When a module was loaded at the earliest, by the changes that it met."""

from __future__ import annotations

from ipython_where.facts.imports.witness import Witness, latest


def test_what_is_loaded_after_a_change_is_younger_than_it() -> None:
    """Also when later changes meet it."""
    witness, old, young = Witness(), object(), object()
    witness.changed({"old": old}, 10.0)
    assert (witness.since("old", old), witness.since("young", young)) == (None, 10.0)
    witness.changed({"old": old, "young": young}, 20.0)
    assert (witness.since("old", old), witness.since("young", young), witness.since("new", object())) == (
        None,
        10.0,
        20.0,
    )


def test_another_object_of_a_name_was_loaded_later() -> None:
    witness, first = Witness(), object()
    witness.changed({"pack": first}, 10.0)
    assert witness.since("pack", object()) == 10.0


def test_without_a_change_nothing_is_known() -> None:
    assert Witness().since("pack", object()) is None


def test_the_latest_of_some_times() -> None:
    assert (latest(5.0, None), latest(5.0, 7.0), latest(None, 7.0)) == (5.0, 7.0, None)
