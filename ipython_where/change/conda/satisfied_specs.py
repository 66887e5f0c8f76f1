"""Whether an installed package certainly meets a match spec, so that nothing has to be started to say so."""

from __future__ import annotations

import re
from collections.abc import Callable

from ipython_where.facts.conda.records import CondaRecord

_SIMPLE = re.compile(r"(?P<name>[\w.-]+)(?:(?P<how>==?)(?P<version>\d[\w.]*)(?:=(?P<build>[\w.]+))?)?", re.ASCII)


def satisfying(spec: str, named: Callable[[str], CondaRecord | None]) -> CondaRecord | None:
    """The record that certainly meets a match spec. None where there is none, or it takes more than comparing text.

    `=1.2` means 1.2 and what begins with `1.2.`; `==1.2` and `=1.2=BUILD` mean that very version (conda's MatchSpec).
    """
    found = _SIMPLE.fullmatch(spec.strip())
    record = named(found["name"]) if found is not None else None
    if found is None or record is None:
        return None
    return record if _meets(record, found["how"], found["version"], found["build"]) else None


def _meets(record: CondaRecord, how: str | None, version: str | None, build: str | None) -> bool:
    if version is None:
        return True
    if build is not None:
        return how == "=" and (record.version, record.build) == (version, build)
    return record.version == version or (how == "=" and record.version.startswith(f"{version}."))
