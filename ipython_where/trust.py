"""Whether a program may be run to answer a question: only if nobody but this user and root could have put it there.

One rule, applied before every subprocess. ``why_not_run`` reads; ``judge_place``, ``judge_steps`` and
``judge_group`` decide on values alone.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .value import dataclass

if TYPE_CHECKING:
    import grp
    import pwd

_LINKS = 40
"""The number of symlinks that Linux follows in one path."""

_SEARCHED = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT", "PYTHONHOME", "PYENV_HOOK_PATH")
"""Where a program finds what it runs in turn; an empty or relative entry means the working directory (ld.so(8))."""

_SEPARATORS = {"LD_PRELOAD": re.compile(r"[\s:]"), "LD_LIBRARY_PATH": re.compile(r"[:;\n]")}
"""What separates a variable's entries, if the loader accepts more than a colon (ld.so(8); musl also splits at newlines)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One component of a file's path, as `lstat` has it. ``group`` is None if an access list (ACL) says more than the mode."""

    path: str
    mode: int
    owner: int
    group: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """Whose files are trusted: the owners, and the groups with nobody else in them."""

    owners: Collection[int]
    groups: Collection[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a program's place is judged by, all physical paths: the working directories, and what PATH names absolutely."""

    working: Collection[str]
    named: Collection[str]


# -- the rule ----------------------------------------------------------------------------------------------------------


def judge_steps(steps: Sequence[Step], us: Us) -> str | None:
    """Why others could have put the file at the end of ``steps`` there; None if they could not."""
    folders = {step.path: step for step in steps if stat.S_ISDIR(step.mode)}
    for step in steps:
        if step.owner not in us.owners:
            return f"`{step.path}` belongs to another user"
        if not stat.S_ISDIR(step.mode):
            if not stat.S_ISLNK(step.mode) and _is_shared(step, us):
                return f"others may write to `{step.path}`"
            folder = folders.get(os.path.dirname(step.path))
            if folder is not None and _is_shared(folder, us):
                return f"others may write to `{folder.path}`"
        # in a sticky folder such as /tmp, nobody can rename what belongs to somebody else
        elif _is_shared(step, us) and not step.mode & stat.S_ISVTX:
            return f"others may write to `{step.path}`"
    last = steps[-1] if steps else None
    if last is not None and stat.S_ISDIR(last.mode) and _is_shared(last, us):
        return f"others may write to `{last.path}`"  # the sticky bit protects existing files, but lets others add more
    return None


def _is_shared(step: Step, us: Us) -> bool:
    return bool(step.mode & stat.S_IWOTH or (step.mode & stat.S_IWGRP and step.group not in us.groups))


def judge_place(folder: str, place: Place) -> str | None:
    """Why a program in ``folder`` belongs to the working directory; None if it does not.

    Below the working directory, it is the user's own choice only if PATH names its folder in an absolute entry.
    """
    for working in place.working:
        if folder == working:
            return f"it lies in the working directory, `{working}`"
        if working != os.sep and folder.startswith(working + os.sep) and folder not in place.named:
            return f"it lies below the working directory, `{working}`"
    return None


def judge_group(group: grp.struct_group, user: pwd.struct_passwd) -> bool:
    """Whether nobody else is in a group: root's, or the one with this user's own name (`usergroups` in pam_umask(8))."""
    is_own = group.gr_gid == 0 or (group.gr_gid == user.pw_gid and group.gr_name == user.pw_name)
    return is_own and not set(group.gr_mem) - {user.pw_name, "root"}


# -- what it is judged by ----------------------------------------------------------------------------------------------


def why_not_run(program: str, also: Sequence[str], *, env: Mapping[str, str], cwd: str, named: str) -> str | None:
    """Why ``program`` must not be run with these variables; None if it may be.

    ``also`` are files that it will run; ``named`` is the PATH whose absolute entries express the user's trust.
    """
    working = {os.path.realpath(folder) for folder in _working(cwd)}
    place = Place(working=working, named=frozenset(_named(named)))
    for file in (program, *also):
        reason = _file(file, working, place)
        if reason is not None:
            return reason
    home = os.path.realpath(env.get("HOME") or os.sep)
    for file in _startup(program, env):
        inside_home = any(folder == os.sep or f"{home}/".startswith(f"{folder}/") for folder in working)
        own = Place(working=(), named=()) if inside_home else place
        if set("$`") & set(file):
            return f"the shell works out what it would run first: `{file}`"
        reason = _file(file, working, own) if os.path.lexists(os.path.join(cwd, file)) else None
        if reason is not None:
            return f"it would run `{file}` first: {reason}"
    return next(_unsafe_searches(env, working), None)


def _working(cwd: str) -> Iterator[str]:
    yield cwd
    try:
        yield os.getcwd()
    except OSError:  # it was removed, so nothing is in it
        return


def _named(path: str) -> Iterator[str]:
    return (os.path.realpath(entry) for entry in path.split(os.pathsep) if os.path.isabs(entry))


def _file(file: str, working: Collection[str], place: Place, depth: int = 0) -> str | None:
    """The rule for one file and, if it is a script, for the interpreter that its first line names."""
    if not os.path.isabs(file) or any(f"{file}/".startswith(f"{folder}/../") for folder in working):
        return f"`{file}` is reached from the working directory"
    real = os.path.realpath(file)
    for folder in dict.fromkeys((os.path.realpath(os.path.dirname(file)), os.path.dirname(real))):
        reason = judge_place(folder, place)
        if reason is not None:
            return reason
    reason = who_else(file)
    interpreter = None if reason is not None or depth == 4 else _interpreter(real)
    return reason if interpreter is None else _file(interpreter, working, place, depth + 1)


def _interpreter(script: str) -> str | None:
    """What a script's first line names; `env` searches PATH, whose folders are judged separately."""
    try:
        with open(script, "rb") as file:
            first = file.readline(256)
    except OSError:
        return None
    words = os.fsdecode(first[2:]).split() if first.startswith(b"#!") else []
    return words[0] if words else None


def _startup(program: str, env: Mapping[str, str]) -> Iterator[str]:
    """The files that a shell runs before a command, from variables that its child shells inherit too (bash(1), zsh(1))."""
    if env.get("BASH_ENV"):
        yield env["BASH_ENV"]
    real = os.path.realpath(program)
    if any(os.path.basename(os.path.realpath(each)).startswith("zsh") for each in (real, _interpreter(real) or real)):
        yield os.path.join(env.get("ZDOTDIR") or env.get("HOME") or os.sep, ".zshenv")


def _unsafe_searches(env: Mapping[str, str], working: Collection[str]) -> Iterator[str]:
    for variable in _SEARCHED:
        value = env.get(variable)
        for entry in _entries(variable, value) if value else ():
            if variable in ("LD_PRELOAD", "LD_AUDIT"):
                if "/" not in entry:
                    continue  # searched for in the library folders
                entry = os.path.dirname(entry)
            if not os.path.isabs(entry):
                yield (
                    f"`{entry}` on {variable} means the working directory"
                    if entry
                    else (f"an empty entry of {variable} means the working directory")
                )
            elif os.path.realpath(entry) in working:
                yield f"{variable} has the working directory, `{entry}`"
            elif reason := who_else(entry):
                yield f"{variable} has `{entry}`: {reason}"


def _entries(variable: str, value: str) -> list[str]:
    separator = _SEPARATORS.get(variable)
    return value.split(os.pathsep) if separator is None else separator.split(value)


def who_else(path: str) -> str | None:
    """Why others could have put a file there, or what is in a folder; None if they could not."""
    if os.name == "nt":
        return None  # its modes and owners prove nothing
    steps = read_steps(path)
    return judge_steps(steps, _us(steps)) if steps is not None else f"`{path}` cannot be looked at"


def read_steps(path: str) -> tuple[Step, ...] | None:
    """Every path component on the way to where ``path`` leads, through symlinks, as far as it exists; None if unknown."""
    steps = [_step(os.sep)]
    current, rest, links = os.sep, path.split(os.sep), 0
    try:
        while rest:
            part = rest.pop(0)
            if part in ("", os.curdir):
                continue
            if part == os.pardir:
                current = os.path.dirname(current)  # its own components are already in
                continue
            steps.append(_step(os.path.join(current, part)))
            if not stat.S_ISLNK(steps[-1].mode):
                current = steps[-1].path
                continue
            target = os.readlink(steps[-1].path)
            current, links = (os.sep if os.path.isabs(target) else current), links + 1
            if links > _LINKS:
                return None
            rest[:0] = target.split(os.sep)
    except FileNotFoundError:
        pass  # judged by the folder in which it could be created
    except (OSError, ValueError):
        return None
    return tuple(steps)


def _step(path: str) -> Step:
    status = os.lstat(path)
    group: int | None = status.st_gid
    if status.st_mode & stat.S_IWGRP and _has_access_list(path):
        group = None
    return Step(path=path, mode=status.st_mode, owner=status.st_uid, group=group)


def _has_access_list(path: str) -> bool:
    listed = getattr(os, "listxattr", None)  # Linux only; the group bits are then the list's mask (acl(5))
    try:
        return listed is not None and "system.posix_acl_access" in listed(path, follow_symlinks=False)
    except OSError:
        return False


def _us(steps: Sequence[Step]) -> Us:
    groups = {each.group for each in steps if each.group is not None and each.mode & stat.S_IWGRP}
    return Us(owners=(0, os.geteuid()), groups=frozenset(group for group in groups if _is_private(group)))


def _is_private(group: int) -> bool:
    if group == 80 and sys.platform == "darwin":
        return True  # `admin`, whose members may become root; Homebrew's folders belong to it
    import grp
    import pwd

    try:
        return judge_group(grp.getgrgid(group), pwd.getpwuid(os.geteuid()))
    except KeyError:
        return False
