"""Whether uv's answer to a request is certain to be the one that pip would give.

Tested in `tests/change/plan/test_choose.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ipython_where.change.request.request import FETCHING, Request
from ipython_where.facts.distributions.requirement import parse_requirement
from ipython_where.facts.settings.pip_options import effect_of, is_pips_alone
from ipython_where.model import Setting
from ipython_where.redact import masked

from .child_environ import local_path
from .interface import Circumstances, Differs, Refusal
from .uv_options import READS, uv_variables

_PRE_RELEASE = re.compile(
    r"[<>]=?\s*v?[\d.!]*\d(?:[-_.]?post\d*)?[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)", re.IGNORECASE
)
"""A bound that is a pre-release: pip takes all of them then, uv only where nothing else fits."""
_UV_PLAN = frozenset(
    (
        "build-constraint",
        "build-constraint-dependencies",
        "constraint",
        "constraint-dependencies",
        "exclude",
        "exclude-newer",
        "exclude-newer-package",
        "excludes",
        "exclude-dependencies",
        "fork-strategy",
        "index-strategy",
        "no-binary",
        "no-binary-package",
        "no-build",
        "no-build-package",
        "no-deps",
        "no-editable",
        "no-index",
        "no-sources",
        "no-sources-package",
        "no-verify-hashes",
        "offline",
        "override",
        "override-dependencies",
        "prerelease",
        "reinstall",
        "require-hashes",
        "resolution",
        "torch-backend",
        "upgrade",
    )
)
_SETTINGS = {"constraint": "a constraints file", "extra-index-url": "several indexes", "find-links": "`find-links`"}
"""pip's settings as a person would call them."""
_UV_SOURCE = frozenset(("index", "default-index", "index-url", "extra-index-url", "find-links"))


def reservation(
    request: Request, circumstances: Circumstances, *, can_stage: bool, unreadable: str | None
) -> Differs | Refusal | None:
    """What speaks against uv for a request. ``unreadable`` is a path of the request that uv cannot be told."""
    impossible = _cannot_stage(request, can_stage) or _unreadable(unreadable)
    if request.installer != "auto":
        unknown = _unknown(request)
        if unknown is not None:
            return Refusal(reason=unknown, by_line=True)
        return Refusal(reason=impossible) if impossible is not None else None
    why_not = _against(request, circumstances) or impossible
    if why_not is not None:
        return Refusal(reason=why_not)
    differs = _differing(request, circumstances.constraints) or circumstances.unlike
    return Differs(reason=differs) if differs is not None else None


def _unknown(request: Request) -> str | None:
    """An option that uv cannot be told, though uv was asked for."""
    if request.user or any("://" in each for each in request.editables):
        return f"uv has no `{'--user' if request.user else '-e URL'}`"
    unknown = next(_of_pip_alone(request), None)
    return f"uv has no equivalent of `{unknown}`" if unknown not in (None, "--group") else None


def _cannot_stage(request: Request, can_stage: bool) -> str | None:
    if request.command in READS or can_stage:
        return None
    return "uv does not know Debian's layout of `dist-packages`"


def _unreadable(path: str | None) -> str | None:
    return f"uv does not read the `#` in `{path}`" if path is not None else None


def _against(request: Request, circumstances: Circumstances) -> str | None:
    """What makes uv's answer uncertain to be pip's, None when nothing does."""
    if request.command in FETCHING or (request.command not in ("install", "uninstall", "sync", *READS)):
        return f"uv has no `{request.command}`"
    if request.command in READS:
        return None
    of_request = _of_request(request)
    if of_request is not None:
        return of_request
    of_pip = {
        key: value
        for key, value in circumstances.pip.items()
        if not (key == "index-url" and request.index_url is not None)
    }
    if uv_variables(of_pip) is None:
        key = next(each for each in of_pip if uv_variables({each: of_pip[each]}) is None)
        return f"pip is configured with {_SETTINGS.get(key, f'`{key}`')}, which uv reads differently"
    return _of_uv_settings(circumstances.settings, any(effect_of(f"--{key}") == "source" for key in circumstances.pip))


def _of_request(request: Request) -> str | None:
    """Why an option makes uv's answer uncertain: it lacks the option, or reads it otherwise."""
    reasons = {
        "uv cannot install into the user site": request.user,
        "pip compares the versions of all indexes, uv takes the first that has the project": request.extra_index_urls,
        "pip and uv combine `--find-links` with an index differently": any(
            "://" in each or not request.no_index for each in request.find_links
        ),
        "uv checks `--require-hashes` later than pip": request.require_hashes,
        "the requirements file holds options or hashes, which uv may read differently": request.requirement_files,
        "uv cannot install a repository with `-e`": any("://" in each for each in request.editables),
        **{f"uv has no equivalent of `{each}`": True for each in _of_pip_alone(request)},
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _differing(request: Request, constraints: tuple[str, ...] | None) -> str | None:
    """What uv understands, and answers otherwise than pip."""
    if request.command in READS:
        return "uv prints what is installed differently than pip"
    if request.editables or any(map(_is_local, request.requirements)):
        return "only pip always takes a folder as it is now"
    if request.dry_run and request.command == "install":
        return "a dry run stages nothing, so uv's answer cannot be checked"
    if constraints is None:
        return "the constraints file holds more than names and versions, which uv may read differently"
    if {*request.no_binary} & {*request.only_binary}:
        return "pip and uv combine `--no-binary` with `--only-binary` differently"
    return next((why for each in (*request.requirements, *constraints) if (why := _of_versions(each, request))), None)


def _of_versions(requirement: str, request: Request) -> str | None:
    if "===" in requirement:
        return f"only pip compares `{masked(requirement)}` as text"
    if bounded_by_pre_release(requirement, request):
        return f"`{masked(requirement)}` lets in pre-releases for pip, but not for uv"
    return None


def _is_local(requirement: str) -> bool:
    if local_path(requirement) is not None:
        return True
    parsed = parse_requirement(requirement)
    url = parsed.url if parsed is not None else requirement
    return url is not None and ("file:" in url or "://" not in url)


def bounded_by_pre_release(requirement: str, request: Request) -> bool:
    """Whether pip takes pre-releases for a requirement, where uv may not."""
    parsed = parse_requirement(requirement)
    return parsed is not None and not request.pre and _PRE_RELEASE.search(parsed.specifier) is not None


def _of_pip_alone(request: Request) -> Iterator[str]:
    """The options among those passed on that pip's answer depends on, and that uv is not told of."""
    return (each.partition("=")[0] for each in request.passed if is_pips_alone(each))


def steers_plan(settings: Iterable[Setting]) -> bool:
    """Whether a setting of uv's own changes what it resolves to."""
    return _of_uv_settings(tuple(settings), pip_has_sources=False) is not None


def _of_uv_settings(settings: tuple[Setting, ...], pip_has_sources: bool) -> str | None:
    """A setting of uv's own that pip does not know. An index that only uv is told of is what the user set up for
    installs here.
    """
    for setting in settings:
        if setting.name.startswith("UV_"):
            key = setting.name[3:].lower().replace("_", "-")
        elif setting.source.endswith(("uv.toml", "pyproject.toml")):
            key = setting.name.rpartition(".")[2]
        else:
            continue
        if key in _UV_PLAN or (key in _UV_SOURCE and pip_has_sources):
            return f"uv's setting `{setting.name}` has no equivalent in pip"
        if setting.diverts and not setting.name.startswith("UV_"):
            return f"uv's setting `{setting.name}` would install elsewhere"
    return None
