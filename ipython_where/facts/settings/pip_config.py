"""pip's settings in force for an install, with their values: to be told to pip again, or to uv. They may hold
credentials.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from ipython_where.redact import learn_variables
from ipython_where.value import dataclass

from .pip_options import effect_of, pip_key

_SECTIONS = ("global", "install")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfig:
    """The settings by key, without those that divert. ``files_divert``: some file has one that does."""

    values: Mapping[str, str] = field(repr=False)
    files_divert: bool


def read_pip_config(files: Iterable[str], *, environ: Mapping[str, str]) -> PipConfig:
    """What pip's files (the weakest first) and variables say together for `pip install`.

    A file that cannot be understood is passed over: pip itself stops at it and names it.
    """
    import configparser

    parser = configparser.RawConfigParser()
    parser.optionxform = lambda optionstr: optionstr.lower().replace("_", "-").removeprefix("--")  # type: ignore[method-assign]
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for path in files:
        parser.clear()
        try:
            parser.read([path], encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in _SECTIONS:
            if parser.has_section(section):
                found[section].update({key: value for key, value in parser.items(section) if value})
    return judge_pip_config({**found["global"], **found["install"]}, environ)


def judge_pip_config(in_files: Mapping[str, str], environ: Mapping[str, str]) -> PipConfig:
    """Variables beat files, and an empty one counts as absent."""
    named = {pip_key(name): value for name, value in environ.items() if name.startswith("PIP_") and value}
    variables = {key: value for key, value in named.items() if key and key != "config-file"}
    together = {**in_files, **variables}
    learn_variables(together)
    return PipConfig(
        values={key: value for key, value in together.items() if effect_of(f"--{key}") != "place"},
        files_divert=any(effect_of(f"--{key}") == "place" for key in in_files),
    )
