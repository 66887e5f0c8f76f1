"""Third-party finders on ``sys.meta_path``: which are safe to call, and what the others would answer.

Calling some finders imports modules (an older virtualenv's imports `setuptools`, six's resolves what it provides) or
starts a build (editable hooks). So we call a finder only if we have read its code and it has no side effects. Other
finders whose code we have read either offer only what later finders have anyway, or list what they provide in their
attributes. Any other finder would have to be called, so its answer stays unknown.

A finder is recognized by its class, and the class by the names that its code uses: any project could reuse a class
name.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import PathFinder
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, Literal

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A module listed in a finder's own attributes. ``locations`` is None unless it is known to be a package."""

    file: str | None
    locations: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """The finder offers another module under this name."""

    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """Only a call would show what a finder has; ``reason`` says why we don't make it."""

    reason: str


Verdict = Literal["ask", "nothing"] | Offer | Alias | Unasked
Judge = Callable[[Any, str], Verdict]


def judge_of(finder: Any) -> Judge:
    """What tells, for a finder and a name, whether asking is safe, or what it offers as far as we know without asking."""
    for known in _KNOWN:
        if known.qualname == _name(finder) and known.is_of(finder):
            return known.judge
    return _passes_on if _says_nothing(finder) or _is_passed_over(finder) else _unknown


class NotAskedError(Exception):
    """A finder was not called, so its answer is unknown; the message says why."""


def module_of(finder: Any) -> str | None:
    """The module of a finder's class."""
    module = type.__dict__["__module__"].__get__(_class(finder))
    return module if isinstance(module, str) else None


def label(finder: Any) -> str:
    """The class of a finder, with its module."""
    return f"{module_of(finder) or '?'}.{_name(finder)}"


# -- what a finder is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinder:
    """A finder whose code we have read. ``methods`` are the ones that answer, with every name that they may use."""

    module: str
    qualname: str
    methods: Mapping[str, str]
    judge: Judge

    def is_of(self, finder: Any) -> bool:
        """Whether a finder's class is this one, from its own module, with the methods that we have read."""
        cls = _class(finder)
        inside = _globals(finder)
        module = inside.get("__name__")
        if not isinstance(module, str) or inside.get(self.qualname) is not cls or _intercepts(cls):
            return False
        if not re.fullmatch(self.module, module):
            return False
        own = {} if finder is cls else instance_of(finder)
        return all(
            name not in own and _refers_to(_function(cls, name), inside, names) for name, names in self.methods.items()
        )

    def allows(self, method: str, names: Mapping[str, str | None] | None, standard: frozenset[str]) -> bool:
        """Whether a method in another process is the one that we have read, by its names and its globals' modules.

        ``standard`` are the module names of that process's standard library.
        """
        if names is None:
            return False
        own = self.module.partition("\\.")[0]
        tops = {module.partition(".")[0] for module in names.values() if module is not None}
        is_known = all(top in standard or re.fullmatch(own, top) for top in tops)
        return is_known and {*names} <= {*self.methods[method].split()}

    def function(self, finder: Any, name: str) -> FunctionType | None:
        """A method of such a finder, taken from its class."""
        return _function(_class(finder), name)


def _globals(finder: Any) -> Mapping[str, Any]:
    """The globals of the module with a finder's code."""
    function = _function(_class(finder), "find_spec")
    return {} if function is None else function.__globals__


def instance_of(value: object) -> Mapping[str, Any]:
    """The attributes of the instance itself, read without running its code."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except Exception:
        return {}
    return found if isinstance(found, dict) else {}


def _class(finder: Any) -> type:
    return finder if issubclass(type(finder), type) else type(finder)


def _name(finder: Any) -> str:
    return str(type.__dict__["__qualname__"].__get__(_class(finder)))


def _own(cls: type, name: str, absent: Any = None) -> Any:
    return type.__dict__["__dict__"].__get__(cls).get(name, absent)


def _bases(cls: type) -> tuple[type, ...]:
    found: tuple[type, ...] = type.__dict__["__mro__"].__get__(cls)
    return found


def _intercepts(cls: type) -> bool:
    """Whether reading an attribute of the class or an instance runs code."""
    hooks = ("__getattribute__", "__getattr__")
    bases = [base for base in (*_bases(cls), *_bases(type(cls))) if base not in (object, type)]
    return any(_own(base, hook) is not None for base in bases for hook in hooks)


def _function(cls: type, name: str) -> FunctionType | None:
    """The Python function behind a method, from the class or any of its bases."""
    raw: Any = next((found for base in _bases(cls) if (found := _own(base, name)) is not None), None)
    if type(raw) in (classmethod, staticmethod):
        raw = raw.__func__
    return raw if type(raw) is FunctionType else None


def _refers_to(function: FunctionType | None, inside: Mapping[str, Any], names: str) -> bool:
    if function is None or function.__globals__ is not inside:
        return False
    used = {*_names(function.__code__)}
    return used <= {*names.split()} and all(_is_its_own(inside[name], inside) for name in used if name in inside)


def _is_its_own(value: Any, inside: Mapping[str, Any]) -> bool:
    """Whether a global is from the standard library or the package itself; someone may have monkeypatched it."""
    if isinstance(value, ModuleType):
        module = instance_of(value).get("__name__")
    elif isinstance(value, FunctionType | BuiltinFunctionType):
        module = value.__module__
    elif callable(value) and not isinstance(value, type):
        return False
    else:
        module = module_of(value)
    top = str(module).partition(".")[0]
    own = str(inside["__name__"]).partition(".")[0]
    return top in sys.stdlib_module_names or top.lstrip("_") == own.lstrip("_")  # `_pyodide` uses `pyodide`'s


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _says_nothing(finder: Any) -> bool:
    """Whether its code can only return None, like `importlib_metadata`'s finder, which finds only distributions."""
    cls = _class(finder)
    function = _function(cls, "find_spec")
    if function is None or _intercepts(cls) or (finder is not cls and "find_spec" in instance_of(finder)):
        return False
    code = function.__code__
    if code.co_names:
        return False
    constants = {each for each in code.co_consts if each is not None and each != function.__doc__}
    returns = {"RETURN_VALUE", "RETURN_CONST", "LOAD_CONST", "RESUME", "NOP", "CACHE"}
    return not constants and {*_operations(code)} <= returns


def _is_passed_over(finder: Any) -> bool:
    """Whether ``import`` skips it: since Python 3.12, a finder without ``find_spec``."""
    cls = _class(finder)
    has_one = "find_spec" in instance_of(finder) or any(_own(base, "find_spec") is not None for base in _bases(cls))
    return sys.version_info >= (3, 12) and not has_one and not _intercepts(cls)


def _operations(code: CodeType) -> Iterator[str]:
    import dis

    return (each.opname for each in dis.get_instructions(code))


# -- what it has -------------------------------------------------------------------------------------------------------


def _asked(finder: Any, name: str) -> Verdict:
    return "ask"


def _unknown(finder: Any, name: str) -> Verdict:
    return Unasked(reason=f"the finder `{label(finder)}` would have to be called, and may have side effects")


def _passes_on(finder: Any, name: str) -> Verdict:
    """Finds nothing itself: it wraps the loaders of later finders, to do something when a module is loaded."""
    return "nothing"


def _distutils_hack(finder: Any, name: str) -> Verdict:
    """Offers setuptools' copy of distutils, until someone imports pip; then an instance attribute turns that off."""
    return "nothing" if name != "distutils" or "spec_for_distutils" in instance_of(finder) else Alias(module=_COPY)


_COPY = "setuptools._distutils"


def _tlz(finder: Any, name: str) -> Verdict:
    """Offers toolz or cytoolz under another name; dask imports it everywhere."""
    if name.partition(".")[0] != "tlz":
        return "nothing"
    return Unasked(reason=f"the finder `{label(finder)}` puts the module together when it is loaded")


def _six(finder: Any, name: str) -> Verdict:
    """Reads six's table of modules; a call would import the module to see whether it is a package."""
    known = instance_of(finder).get("known_modules")
    module = known.get(name) if isinstance(known, dict) else None
    if module is None:
        return "nothing" if isinstance(known, dict) else _may_build(finder)
    path = instance_of(module).get("__path__", _own(type(module), "__path__"))
    return Offer(file=None, locations=tuple(path) if isinstance(path, list) else None)


def _shim(finder: Any, name: str) -> Verdict:
    source = instance_of(finder).get("src")
    if isinstance(source, str) and not name.startswith(f"{source}."):
        return "nothing"
    return Unasked(reason=f"the finder `{label(finder)}` would have to be called, and imports what it is asked for")


def _javascript(finder: Any, name: str) -> Verdict:
    """Reads Pyodide's table of JavaScript objects that are modules."""
    known = instance_of(finder).get("jsproxies")
    if isinstance(known, dict) and name.partition(".")[0] not in known:
        return "nothing"
    return (
        Unasked(reason="it is a JavaScript object, or a part of one") if isinstance(known, dict) else _may_build(finder)
    )


def _typeguard(finder: Any, name: str) -> Verdict:
    return "nothing" if instance_of(finder).get("_original_pathfinder") is PathFinder else _may_build(finder)


def _meson(finder: Any, name: str) -> Verdict:
    names = instance_of(finder).get("_top_level_modules")
    is_other = isinstance(names, set | frozenset | list | tuple) and name.partition(".")[0] not in names
    return "nothing" if is_other else _may_build(finder)


def _scikit(finder: Any, name: str) -> Verdict:
    """Reads scikit-build-core's tables of names and files; built files count only if it does not rebuild on import."""
    own = instance_of(finder)
    built, source, folders = (own.get(each, {}) for each in ("known_wheel_files", "known_source_files", _FOLDERS))
    if not all(isinstance(each, dict) for each in (built, source, folders)):
        return _may_build(finder)
    if name in built:
        root = own.get("dir", _globals(finder).get("DIR"))
        if own.get("rebuild_flag") is not False or not isinstance(root, str):
            return _may_build(finder)
        return _mapped(os.path.join(root, built[name]), folders.get(name))
    if name in source:
        return _mapped(source[name], folders.get(name))
    return Unasked(reason=f"the finder `{label(finder)}` would have to be called") if name in folders else "nothing"


_FOLDERS = "submodule_search_locations"


def _mapped(file: str, folders: list[str] | None) -> Offer:
    is_package = os.path.basename(file).startswith("__init__.")
    return Offer(file=file, locations=tuple(folders or (os.path.dirname(file),)) if is_package else None)


def _scikit_inplace(finder: Any, name: str) -> Verdict:
    own = instance_of(finder)
    names = own.get("known_packages", ())
    return "nothing" if name.partition(".")[0] not in names or own.get("rebuild_flag") is False else _may_build(finder)


def _may_build(finder: Any) -> Unasked:
    return Unasked(reason=f"the editable hook `{label(finder)}` builds when it is called")


def _known(module: str, qualname: str, judge: Judge, names: str, **helpers: str) -> KnownFinder:
    return KnownFinder(module=module, qualname=qualname, judge=judge, methods={"find_spec": names, **helpers})


SETUPTOOLS_NAMESPACES = _known(
    r"__editable___\w+_finder",
    "_EditableNamespaceFinder",
    _asked,
    "ModuleSpec NAMESPACES _paths submodule_search_locations",
    _paths="MAPPING NAMESPACES PATH_PLACEHOLDER get",
    _path_hook="ImportError PATH_PLACEHOLDER",
)
"""A finder for path entries, triggered by a placeholder that its installation adds to the path."""

MESON = _known(
    r"_.*_editable_loader",
    "MesonpyMetaFinder",
    _meson,
    "MARKER ModuleSpec Node _build_path _loaders _rebuild _top_level_modules build_module_spec environ find_spec get"
    " importlib isinstance machinery os pathsep rebuild split str submodule_search_locations tuple",
)

_KNOWN = (
    _known("_distutils_hack", "DistutilsMetaFinder", _distutils_hack, "format getattr locals startswith"),
    _known(
        "_virtualenv",
        "_Finder",
        _passes_on,
        "AttributeError Lock _DISTUTILS_PATCH append exec_module find_spec fullname functools getattr hasattr importlib.util"
        " len load_module loader lock partial setattr suppress threading",
    ),
    _known(  # virtualenv 21's, in an environment of Python 3.9
        "_virtualenv",
        "_Finder",
        _passes_on,
        "Lock NameError _DISTUTILS_PATCH _patch_spec append find_spec fullname functools importlib.util len lock partial"
        " threading",
        _patch_spec="AttributeError _Finder _patch_module contextlib exec_module getattr load_module loader partial suppress sys"
        " version_info",
    ),
    _known(r"tlz\._build_tlz", "TlzLoader", _tlz, "ModuleSpec partition"),
    _known(r"(.+\.)?six", "_SixMetaPathImporter", _six, "known_modules spec_from_loader"),
    _known(
        r"__editable___\w+_finder",
        "_EditableFinder",
        _asked,
        "MAPPING Path PathFinder _find_spec find_spec rpartition items list replace reversed split startswith strip",
        _find_spec="chain exists module_suffixes spec_from_file_location with_suffix",
    ),
    _known(
        r"editables\.redirector",
        "RedirectingFinder",
        _asked,
        "KeyError _redirections importlib spec_from_file_location util",
    ),
    MESON,
    _known(
        r"_editable_skbc_.*|_.*_editable",
        "ScikitBuildRedirectingFinder",
        _scikit,
        "DIR MARKER PathFinder _ScikitBuildNamespaceLoader _make_spec append dir endswith environ find_spec get importlib"
        " importlib.machinery importlib.util join known_source_files known_wheel_files list loader machinery os path pathsep"
        " rebuild rebuild_flag rebuilt spec_from_file_location spec_from_loader split submodule_search_locations util",
    ),
    _known(
        r"_editable_skbc_.*|_.*_editable",
        "ScikitBuildInplaceFinder",
        _scikit_inplace,
        "PathFinder _ScikitBuildLoaderWrapper find_spec importlib.machinery known_packages loader machinery partition rebuild"
        " rebuild_flag rebuilt search_paths submodule_search_locations",
    ),
    _known(
        r"(pkg_resources|setuptools)\.extern",
        "VendorImporter",
        _asked,
        "_module_matches_namespace importlib spec_from_loader util",
        _module_matches_namespace="any map partition root_name startswith vendored_names",
    ),
    _known(
        r"_pytest\.assertion\.rewrite",
        "AssertionRewritingHook",
        _passes_on,
        "SourceFileLoader _early_rewrite_bailout _find_spec _should_rewrite _writing_pyc assertstate_key config exists"
        " importlib isinstance loader machinery origin os path spec_from_file_location stash submodule_search_locations trace"
        " util",
    ),
    _known(
        r"IPython\.utils\.shimmodule",
        "ShimImporter",
        _shim,
        "_mirror_name find_spec import_item importlib src startswith util",
    ),
    _known(
        r"wrapt\.importer",
        "ImportHookFinder",
        _passes_on,
        "_ImportHookChainedLoader _post_import_hooks _post_import_hooks_lock find_spec getattr in_progress isinstance loader",
    ),
    _known(
        r"_pyodide\._importhook",
        "JsFinder",
        _javascript,
        "AttributeError JsLoader JsProxy KeyError ModuleNotFoundError getattr isinstance jsproxies modules rpartition"
        " spec_from_loader sys",
    ),
    _known(
        r"_pyodide\._importhook",
        "WindowsToLinuxPathFinder",
        _asked,
        "PathFinder WINDOWS_DRIVE_REGEX append find_spec match path replace sys",
    ),
    _known(
        r"typeguard\._importhook",
        "TypeguardFinder",
        _typeguard,
        "SourceFileLoader TypeguardLoader _original_pathfinder find_spec isinstance loader name path should_instrument",
        should_instrument="ignore_packages packages startswith",
    ),
)

_UNSURE: dict[Judge, tuple[str, ...]] = {_distutils_hack: ("distutils",), _tlz: ("tlz",)}

PASSED_ON = tuple(
    (each, _UNSURE.get(each.judge, ())) for each in _KNOWN if each.judge is _passes_on or each.judge in _UNSURE
)
"""Finders that offer nothing of their own whatever their attributes, each with the top-level names where that is unsure."""

LISTED = {
    "known_modules": tuple(each for each in _KNOWN if each.judge is _six),
    "_top_level_modules": tuple(each for each in _KNOWN if each.judge is _meson),
    "MAPPING": tuple(each for each in _KNOWN if each.qualname == "_EditableFinder"),
}
"""Finders that offer what one of their attributes has, or their module's, and nothing else, by its name."""
