"""Frozen values: `dataclasses.dataclass` for the one kind that this package has, made without compiling code for each.

The standard library writes the source of every class's methods and compiles it: about a millisecond a class. A first
question would wait for some sixty of them. Here the methods are shared, and look at the fields when they are called.
Everything else is the standard library's: `dataclasses.fields`, `replace` and `field` work, and a type checker sees
`dataclasses.dataclass` itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from dataclasses import MISSING, Field, FrozenInstanceError

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False, repr: bool = True):
        """As `dataclasses.dataclass` with these arguments; ``frozen`` has to be true."""
        assert frozen, "only frozen values are made here"

        def made(cls: type) -> type:
            return _made(cls, slots=slots, kw_only=kw_only, repr=repr)

        return made

    @dataclasses.dataclass(frozen=True)
    class _Sample:
        field: int

    _IS_FIELD = _Sample.__dataclass_fields__["field"]._field_type
    """What `dataclasses.fields` knows a field by, as against a class variable."""

    _assign = object.__setattr__

    def _made(cls: type, *, slots: bool, kw_only: bool, repr: bool) -> type:
        """The class with the fields and methods of a value; with slots, a new class of the same body."""
        fields: dict[str, Field[Any]] = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(getattr(base, "__dataclass_fields__", {}))
        own = {name: _field(cls, name, kind, kw_only) for name, kind in cls.__annotations__.items()}
        inherited = fields.copy()
        fields.update(own)
        gained: dict[str, Any] = {"__dataclass_fields__": fields, "__dataclass_params__": _Sample.__dataclass_params__}
        gained["__match_args__"] = tuple(name for name, each in fields.items() if not each.kw_only)
        gained["_requires"] = tuple(name for name, each in fields.items() if not _has_default(each))
        for name, method in (*_METHODS.items(), *(_WITH_SLOTS.items() if slots else ())):
            if name not in vars(cls) and (repr or name != "__repr__"):
                gained[name] = method
        return _with_slots(cls, own, inherited, gained) if slots else _with_dict(cls, own, gained)

    def _with_slots(
        cls: type, own: dict[str, Field[Any]], inherited: dict[str, Field[Any]], gained: dict[str, Any]
    ) -> type:
        """Slots cannot be given to a class that is there; those of its bases are theirs already."""
        body = {name: item for name, item in vars(cls).items() if name not in ("__dict__", "__weakref__", *own)}
        body |= {"__qualname__": cls.__qualname__, "__slots__": tuple(name for name in own if name not in inherited)}
        return type(cls)(cls.__name__, cls.__bases__, body | gained)

    def _with_dict(cls: type, own: dict[str, Field[Any]], gained: dict[str, Any]) -> type:
        """The class itself, whose instances have room for more, such as cached properties."""
        for name, each in own.items():
            if isinstance(vars(cls).get(name), Field):
                if each.default is MISSING:
                    delattr(cls, name)
                else:
                    setattr(cls, name, each.default)
        for name, item in gained.items():
            setattr(cls, name, item)
        return cls

    def _field(cls: type, name: str, kind: Any, kw_only: bool) -> Field[Any]:
        given = vars(cls).get(name, MISSING)
        each = given if isinstance(given, Field) else dataclasses.field(default=given)
        each.name, each.type, each.kw_only, each._field_type = name, kind, kw_only, _IS_FIELD
        return each

    def _has_default(each: Field[Any]) -> bool:
        return each.default is not MISSING or each.default_factory is not MISSING

    def _init(self: Any, *values: Any, **given: Any) -> None:
        fields = self.__dataclass_fields__
        if values:
            given = {**_by_name(self, values, given), **given}
        if len(given) != len(fields):
            given = _completed(self, given)
        for name, value in given.items():
            if name not in fields:
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument {name!r}")
            _assign(self, name, value)
        if (finish := getattr(self, "__post_init__", None)) is not None:
            finish()

    def _by_name(self: Any, values: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
        names = self.__match_args__
        if len(values) > len(names):
            raise TypeError(f"{type(self).__name__}.__init__() takes {len(names)} positional arguments at most")
        placed = dict(zip(names, values, strict=False))
        for name in placed.keys() & given.keys():
            raise TypeError(f"{type(self).__name__}.__init__() got multiple values for argument {name!r}")
        return placed

    def _completed(self: Any, given: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in self._requires if name not in given]
        if missing:
            named = ", ".join(map(repr, missing))
            raise TypeError(f"{type(self).__name__}.__init__() missing required arguments: {named}")
        given = dict(given)
        for name, each in self.__dataclass_fields__.items():
            if name not in given:
                given[name] = each.default if each.default is not MISSING else each.default_factory()
        return given

    def _repr(self: Any) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name, each in self.__dataclass_fields__.items() if each.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _compared(self: Any) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name, each in self.__dataclass_fields__.items() if each.compare)

    def _eq(self: Any, other: object) -> bool:
        return _compared(self) == _compared(other) if other.__class__ is self.__class__ else NotImplemented

    def _hash(self: Any) -> int:
        return hash(_compared(self))

    def _setattr(self: Any, name: str, value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _delattr(self: Any, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _getstate(self: Any) -> list[Any]:
        return [getattr(self, name) for name in self.__dataclass_fields__]

    def _setstate(self: Any, state: list[Any]) -> None:
        for name, value in zip(self.__dataclass_fields__, state, strict=True):
            _assign(self, name, value)

    _METHODS = {
        "__init__": _init,
        "__repr__": _repr,
        "__eq__": _eq,
        "__hash__": _hash,
        "__setattr__": _setattr,
        "__delattr__": _delattr,
    }
    _WITH_SLOTS = {"__getstate__": _getstate, "__setstate__": _setstate}


__all__ = ["dataclass"]
