"""Reads objects without touching any attribute that could run code: class dictionaries, and what C types keep in slots.

``x.name`` runs properties, ``__getattr__`` and metaclasses; `inspect.getattr_static` can't tell a dictionary from a slot.

Tested in `tests/answer/test_variables.py`.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

_SLOTS = (types.GetSetDescriptorType, types.MemberDescriptorType)


def isinstance_of(value: object, kind: type) -> bool:
    """``isinstance`` by the type alone: the built-in one also asks an object for its ``__class__``."""
    return issubclass(type(value), kind)


def slot(value: object, name: str) -> Any:
    """An attribute that a C type stores for its objects, or their own dictionary; None if reading it would run code."""
    found = attribute(type(value), name)
    return found.__get__(value, type(value)) if type(found) in _SLOTS else own_names(value).get(name)


def own_names(value: object) -> Mapping[str, Any]:
    """The dictionary of an object, if it has a plain one."""
    found = attribute(type(value), "__dict__") if not isinstance_of(value, type) else None
    names = found.__get__(value, type(value)) if type(found) is types.GetSetDescriptorType else None
    return names if type(names) is dict else {}


def attribute(owner: type, name: str) -> Any:
    """A class's attribute as stored in its dictionary, or in that of the first base that has it."""
    return next((names[name] for each in lineage(owner) if name in (names := names_of(each))), None)


def lineage(owner: type) -> tuple[type, ...]:
    """A class and its bases, bypassing a metaclass that computes attributes."""
    return tuple(type.__dict__["__mro__"].__get__(owner))


def names_of(owner: type) -> Mapping[str, Any]:
    """The dictionary of a class."""
    return type.__dict__["__dict__"].__get__(owner)  # type: ignore[no-any-return]


def module_of(owner: type) -> str:
    """The module that a class claims to belong to; empty if that is not a name."""
    claimed = type.__dict__["__module__"].__get__(owner)
    return claimed if type(claimed) is str else ""
