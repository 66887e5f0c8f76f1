"""Frozen values: `dataclasses.dataclass` for the one kind that this package needs, without compiling code for each class.

The standard library generates and compiles each class's methods: 0.4 ms a class, 60 ms for all of this
package. Here the methods are shared and look up the fields when called: 4 ms. docs/design.md says why no
library is used for that.

A type checker sees `dataclasses.dataclass` itself. `dataclasses`, `copy`, `pickle`, `inspect` and `match` see what they see
on a real one. What is rarely needed (the signature, the docstring of a class that has none, the error for wrong
arguments) comes from a real one, which is created at that point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import copy
    import dataclasses
    import reprlib
    from dataclasses import MISSING, Field, FrozenInstanceError
    from functools import cache

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False, repr: bool = True):
        """As `dataclasses.dataclass` with these arguments; ``frozen`` must be true."""
        assert frozen, "only frozen values are made here"

        def made(cls: type) -> type:
            return _made(cls, slots=slots, kw_only=kw_only, repr=repr)

        return made

    # `dataclasses._FIELD` and the class of the parameters are private: a real dataclass has them
    @dataclasses.dataclass(frozen=True)
    class _Sample:
        field: int

    _IS_FIELD = _Sample.__dataclass_fields__["field"]._field_type
    """What `dataclasses.fields` knows a field by, as against a class variable."""

    @cache
    def _parameters(**given: bool) -> Any:
        """The content of `__dataclass_params__`; which of these it has depends on the version of Python."""
        parameters = copy.copy(_Sample.__dataclass_params__)
        for name in given.keys() & set(parameters.__slots__):
            setattr(parameters, name, given[name])
        return parameters

    _assign = object.__setattr__

    def _made(cls: type, *, slots: bool, kw_only: bool, repr: bool) -> type:
        """The class with a value's fields and methods; with slots, a new class with the same body."""
        fields: dict[str, Field[Any]] = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(getattr(base, "__dataclass_fields__", {}))
        own = {name: _field(cls, name, kind, kw_only) for name, kind in cls.__annotations__.items()}
        inherited = fields.copy()
        fields.update(own)
        gained = {
            "__dataclass_fields__": fields,
            "__dataclass_params__": _parameters(slots=slots, kw_only=kw_only, repr=repr),
            "__match_args__": tuple(name for name, each in fields.items() if not each.kw_only),
            "__signature__": _SIGNATURE,
            "_defaults": {name: each.default for name, each in fields.items() if each.default is not MISSING},
            "_factories": {
                name: each.default_factory for name, each in fields.items() if each.default_factory is not MISSING
            },
        }
        if not vars(cls).get("__doc__"):
            gained["__doc__"] = _DOC
        for name, method in (*_METHODS.items(), *(_WITH_SLOTS.items() if slots else ())):
            if name not in vars(cls) and (repr or name != "__repr__"):
                gained[name] = method
        return _with_slots(cls, own, inherited, gained) if slots else _with_dict(cls, own, gained)

    def _with_slots(
        cls: type, own: dict[str, Field[Any]], inherited: dict[str, Field[Any]], gained: dict[str, Any]
    ) -> type:
        """Slots can't be added to an existing class; those of its bases are inherited."""
        body = {name: item for name, item in vars(cls).items() if name not in ("__dict__", "__weakref__", *own)}
        body |= {"__qualname__": cls.__qualname__, "__slots__": tuple(name for name in own if name not in inherited)}
        # a `super()` without arguments would refer to the class before this one, as in the standard library until 3.14
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
        if not each.init or "ClassVar" in str(kind) or "InitVar" in str(kind):
            raise TypeError(f"{cls.__qualname__}.{name} is not a plain field, and no other kind is made here")
        if each.default.__class__.__hash__ is None:
            raise ValueError(
                f"mutable default {type(each.default)} for field {name} is not allowed: use default_factory"
            )
        each.name, each.type, each._field_type = name, kind, _IS_FIELD
        each.kw_only = kw_only if each.kw_only is MISSING else each.kw_only
        return each

    @cache
    def _real(cls: type) -> type:
        """The standard library's dataclass with the same name and fields, for what is needed too rarely to reimplement."""
        fields = cls.__dataclass_fields__
        body = {name: copy.copy(each) for name, each in fields.items()}
        body |= {"__annotations__": {name: each.type for name, each in fields.items()}}
        body |= {"__qualname__": cls.__qualname__, "__module__": cls.__module__}
        return dataclasses.dataclass(frozen=True)(type(cls.__name__, (), body))

    class _Asked:
        """A class attribute that is computed on access."""

        def __init__(self, answer: Any) -> None:
            self.answer = answer

        def __get__(self, value: object, cls: type) -> Any:
            return self.answer(cls)

    def _signature(cls: type) -> Any:
        """None for a subclass with its own `__init__`: `inspect` then looks at that."""
        import inspect

        return inspect.signature(_real(cls)) if cls.__init__ is _init else None

    _SIGNATURE, _DOC = _Asked(_signature), _Asked(lambda cls: _real(cls).__doc__)

    def _init(self: Any, *values: Any, **given: Any) -> None:
        fields = self.__dataclass_fields__
        if values:
            given = _by_name(self, values, given)
        if len(given) != len(fields):
            given = _completed(self, given)
        for name, value in given.items():
            if name not in fields:
                _refuse(self, (), given)
            _assign(self, name, value)
        if (finish := getattr(self, "__post_init__", None)) is not None:
            finish()

    def _by_name(self: Any, values: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
        names = self.__match_args__
        placed = dict(zip(names, values, strict=False))
        if len(values) > len(names) or placed.keys() & given.keys():
            _refuse(self, values, given)
        return placed | given

    def _completed(self: Any, given: dict[str, Any]) -> dict[str, Any]:
        made = {name: factory() for name, factory in self._factories.items() if name not in given}
        whole = {**self._defaults, **made, **given}
        if len(whole) != len(self.__dataclass_fields__):
            _refuse(self, (), given)
        return whole

    def _refuse(self: Any, values: tuple[Any, ...], given: dict[str, Any]) -> None:
        """Raise the `TypeError` that this version of Python raises for these arguments."""
        _real(type(self))(*values, **given)
        raise AssertionError("a real dataclass takes these arguments")

    @reprlib.recursive_repr()
    def _repr(self: Any) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name, each in self.__dataclass_fields__.items() if each.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _compared(self: Any) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name, each in self.__dataclass_fields__.items() if each.compare)

    def _hashed(self: Any) -> tuple[Any, ...]:
        each_field = self.__dataclass_fields__.items()
        return tuple(getattr(self, n) for n, each in each_field if (each.compare if each.hash is None else each.hash))

    def _eq(self: Any, other: object) -> bool:
        return _compared(self) == _compared(other) if other.__class__ is self.__class__ else NotImplemented

    def _hash(self: Any) -> int:
        return hash(_hashed(self))

    def _setattr(self: Any, name: str, value: Any) -> None:
        _be_frozen(self, name, "assign to")
        _assign(self, name, value)

    def _delattr(self: Any, name: str) -> None:
        _be_frozen(self, name, "delete")
        object.__delattr__(self, name)

    def _be_frozen(self: Any, name: str, verb: str) -> None:
        """A plain subclass may have attributes of its own."""
        if name in self.__dataclass_fields__ or "__dataclass_fields__" in vars(type(self)):
            raise FrozenInstanceError(f"cannot {verb} field {name!r}")

    def _replace(self: Any, /, **changes: Any) -> Any:
        return dataclasses.replace(self, **changes)

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
        "__replace__": _replace,
    }
    _WITH_SLOTS = {"__getstate__": _getstate, "__setstate__": _setstate}


__all__ = ["dataclass"]
