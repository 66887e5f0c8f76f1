"""pip's effective settings for an install, with their values, to pass on to pip or uv. They may hold credentials.

Tested in `tests/change/installers/test_both.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from ipython_where.redact import learn_variables
from ipython_where.value import dataclass

from .configuration import SettingEntry
from .pip_options import effect_of, is_passed_on, setting_key
from .pip_settings import ENV, last_entries, winning_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfig:
    """The settings by key, without those that divert an install or get in its way; ``files_divert`` if a configuration
    file has one of the first, ``files_hinder`` if it has one of either.
    """

    values: Mapping[str, str] = field(repr=False)
    files_divert: bool
    files_hinder: bool


def judge_pip_config(entries: Iterable[SettingEntry]) -> PipConfig:
    """pip's files and variables, merged for `pip install`.

    A file that cannot be parsed is left out: pip itself stops at it and names it.
    """
    last = last_entries(entries)
    values = {key: each.value for key, each in winning_entries(last).items() if key != "config-file"}
    learn_variables(values)
    of_files = [setting_key(each.key) for each in last if each.section != ENV and each.value]
    return PipConfig(
        values={key: value for key, value in values.items() if is_passed_on(key)},
        files_divert=any(effect_of(f"--{key}") == "place" for key in of_files),
        files_hinder=not all(map(is_passed_on, of_files)),
    )
