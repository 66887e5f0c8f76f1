"""pip's effective settings for an install, with their values, to pass on to pip or uv. They may hold credentials.

Tested in `tests/change/installers/test_both.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from ipython_where.redact import learn_variables
from ipython_where.value import dataclass

from .configuration import SettingEntry
from .pip_options import effect_of
from .pip_settings import ENV, last_entries, winning_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfig:
    """The settings by key, without those that divert the install; ``files_divert`` if a configuration file has one."""

    values: Mapping[str, str] = field(repr=False)
    files_divert: bool


def judge_pip_config(entries: Iterable[SettingEntry]) -> PipConfig:
    """pip's files and variables, merged for `pip install`.

    A file that cannot be parsed is left out: pip itself stops at it and names it.
    """
    last = last_entries(entries)
    values = {key: each.value for key, each in winning_entries(last).items() if key != "config-file"}
    learn_variables(values)
    return PipConfig(
        values={key: value for key, value in values.items() if not _steers_place(key)},
        files_divert=any(each.section != ENV and each.value and _steers_place(each.key) for each in last),
    )


def _steers_place(key: str) -> bool:
    return effect_of(f"--{key}") == "place"
