"""pip's settings, read as pip reads them.

Which settings divert an install was measured with pip 23.2 and 26.3. The precedence follows pip's ``Configuration`` and
``ConfigOptionParser``: an empty value counts as absent, a command's section beats ``[global]`` in any file, and
variables beat both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from ipython_where.facts.files import Content, Unreadable, read_file
from ipython_where.model import Finding, Setting

from .configuration import TRUE, Answer, SettingEntry, SettingsContext, broken, setting

_SECTIONS = ("global", "install")
ENV = ":env:"
"""The section of a setting that comes from a variable."""


def read_pip_settings(world: SettingsContext) -> Answer:
    """pip's effective settings from its files and variables, and a finding for each file that pip cannot read."""
    entries, findings = read_pip_entries(world)
    return judge_pip_settings(world, entries), findings


def read_pip_entries(world: SettingsContext) -> tuple[tuple[SettingEntry, ...], tuple[Finding, ...]]:
    """The entries of pip's files (weakest first), then variables, and a finding for each file that pip cannot read."""
    findings: list[Finding] = []
    return tuple(_read(world, findings)), tuple(findings)


def _read(world: SettingsContext, findings: list[Finding]) -> Iterator[SettingEntry]:
    for path in pip_files(
        environ=world.environ, cwd=world.cwd, prefix=world.prefix, home=world.home, platform=world.platform
    ):
        found = read_file(path)
        if isinstance(found, Unreadable) and found.endless:  # pip skips a file that it cannot open
            findings.append(
                broken("pip", path, found.reason, "every `pip` command hangs on it: replace it with a file")
            )
        if isinstance(found, Content):
            try:
                yield from _parse(found.data, path)
            except ValueError as error:
                findings.append(broken("pip", path, str(error), "every `pip` command fails until you fix it"))
    for name, value in world.environ.items():
        if name.startswith("PIP_"):
            yield SettingEntry(section=ENV, key=_key(name[len("PIP_") :]), value=value, source=name)


def pip_files(*, environ: Mapping[str, str], cwd: str, prefix: str, home: str, platform: str) -> tuple[str, ...]:
    """The configuration files that pip looks for, weakest first, whether they exist or not."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return ()
    file = "pip.ini" if platform == "win32" else "pip.conf"
    machine, user = _directories(environ, home, platform)
    chosen = os.path.join(cwd, named) if named else None
    if chosen and os.path.exists(chosen):
        user = ()
    directories = (*machine, *user, prefix)
    return (*(os.path.join(directory, file) for directory in directories), *([chosen] if chosen else []))


def _directories(environ: Mapping[str, str], home: str, platform: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The machine's and the user's directories. Only Linux was checked with a real pip; the rest follow its manual."""
    if platform == "win32":
        machine = os.path.join(environ.get("PROGRAMDATA") or r"C:\ProgramData", "pip")
        roaming = environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
        return (machine,), (os.path.join(home, "pip"), os.path.join(roaming, "pip"))
    legacy = os.path.join(home, ".pip")
    if platform == "darwin":
        user = os.path.join(home, "Library/Application Support/pip")
        if not os.path.isdir(user):
            user = os.path.join(home, ".config/pip")
        return ("/Library/Application Support/pip",), (legacy, user)
    shared = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    user = os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "pip")
    return (*(os.path.join(path, "pip") for path in shared if path), "/etc"), (legacy, user)


def _key(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


@lru_cache(maxsize=8)  # a guarded command reads all of them
def _parse(data: bytes, path: str) -> tuple[SettingEntry, ...]:
    """The keys of a `pip.conf`. Raises a `ValueError` that quotes no line: it may hold a password."""
    import configparser  # 2 ms, and most machines have no such file

    parser = configparser.RawConfigParser()
    parser.optionxform = _key  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(data.decode())
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
    except configparser.MissingSectionHeaderError as error:
        raise ValueError(f"line {error.lineno} comes before any [section]") from None
    except configparser.ParsingError as error:
        raise ValueError("no `key = value` in line " + ", ".join(str(line) for line, _ in error.errors)) from None
    except configparser.DuplicateSectionError as error:
        raise ValueError(f"section [{error.section}] appears twice, again in line {error.lineno}") from None
    except configparser.DuplicateOptionError as error:
        raise ValueError(f"`{error.option}` is twice in [{error.section}], again in line {error.lineno}") from None
    return tuple(
        SettingEntry(section=section, key=key, value=value or "", source=path)
        for section in parser.sections()
        for key, value in parser.items(section)
    )


def judge_pip_settings(world: SettingsContext, entries: Iterable[SettingEntry]) -> tuple[Setting, ...]:
    """Each setting; it diverts if it is in force and leads an install elsewhere."""
    last = last_entries(entries)
    # a setting alone has no rival by another name, and the table of those takes 3 ms
    winning = winning_entries(last).values() if len(last) > 1 else [each for each in last if each.value]
    effective = {id(entry) for entry in winning}
    return tuple(_as_setting(world, entry, id(entry) in effective) for entry in last)


def last_entries(entries: Iterable[SettingEntry]) -> tuple[SettingEntry, ...]:
    """The last entry of each key in each section that applies to an install."""
    return tuple({(each.section, each.key): each for each in entries if each.section in (*_SECTIONS, ENV)}.values())


def winning_entries(last: Iterable[SettingEntry]) -> dict[str, SettingEntry]:
    """The entries in force, by the option's name."""
    found: dict[str, SettingEntry] = {}
    for entry in sorted(last, key=lambda each: (*_SECTIONS, ENV).index(each.section)):
        if entry.value:
            from .pip_options import setting_key  # most machines set nothing

            # Both spellings set the same option; `PIP_NO_USER=1` really asks for a user install.
            found["user" if entry.key == "no-user" else setting_key(entry.key)] = entry
    return found


def _as_setting(world: SettingsContext, entry: SettingEntry, is_effective: bool) -> Setting:
    in_file = entry.section != ENV
    name = f"{entry.section}.{entry.key}" if in_file else entry.source
    source = entry.source if in_file else "environment"
    return setting(name, entry.value, source, is_effective and _diverts(world, entry))


def _diverts(world: SettingsContext, entry: SettingEntry) -> bool:
    if entry.key in ("user", "no-user", "dry-run"):
        return entry.value.lower() in TRUE
    if entry.key == "python":
        return not world.is_interpreter(entry.value)
    if entry.key == "prefix":
        return not world.is_prefix(entry.value)
    if entry.key == "root":
        return os.path.normpath(world.path(entry.value)) != os.path.sep
    return bool(entry.key == "target")
