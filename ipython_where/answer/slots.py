"""Reading objects past every attribute that could run code: dictionaries of classes, and what C types keep in slots.

``x.name`` asks properties, ``__getattr__`` and metaclasses; `inspect.getattr_static` tells no dictionary from a slot.

Tested in `tests/answer/test_variables.py`.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

_SLOTS = (types.GetSetDescriptorType, types.MemberDescriptorType)


def isinstance_of(value: object, kind: type) -> bool:
    """``isinstance`` by the type alone: the built-in one asks an object for its ``__class__``."""
    return issubclass(type(value), kind)


def slot(value: object, name: str) -> Any:
    """An attribute that a C type keeps for its objects, or their own dictionary; None where that would take running code."""
    found = attribute(type(value), name)
    return found.__get__(value, type(value)) if type(found) in _SLOTS else own_names(value).get(name)


def own_names(value: object) -> Mapping[str, Any]:
    """The dictionary of an object, where it has a plain one."""
    found = attribute(type(value), "__dict__") if not isinstance_of(value, type) else None
    names = found.__get__(value, type(value)) if type(found) is types.GetSetDescriptorType else None
    return names if type(names) is dict else {}


def attribute(owner: type, name: str) -> Any:
    """A class's attribute as its dictionary has it, or that of the first base which has it."""
    return next((names[name] for each in lineage(owner) if name in (names := names_of(each))), None)


def lineage(owner: type) -> tuple[type, ...]:
    """A class and its bases, past a metaclass that computes attributes."""
    return tuple(type.__dict__["__mro__"].__get__(owner))


def names_of(owner: type) -> Mapping[str, Any]:
    """The dictionary of a class."""
    return type.__dict__["__dict__"].__get__(owner)  # type: ignore[no-any-return]


def module_of(owner: type) -> str:
    """The module that a class says it is of; empty where that is no name."""
    claimed = type.__dict__["__module__"].__get__(owner)
    return claimed if type(claimed) is str else ""
