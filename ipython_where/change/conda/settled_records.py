"""conda's records as they may stay on the disk: what rattler wrote into them of a channel's address holds no token.

Tested in `tests/change/conda/test_settled_records.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ipython_where.change.transaction.disk import Disk

from .public_address import spec_without_token, without_token
from .shadow import META


def settle_records(disk: Disk, stage: str, records: Sequence[str]) -> None:
    """Take tokens out of the new records in a stage. A record without one stays byte for byte what rattler wrote."""
    for name in records:
        path = os.path.join(stage, META, name)
        with open(path, "rb") as file:
            old = file.read()
            mode = os.fstat(file.fileno()).st_mode & 0o7777
        data = json.loads(old)
        clean = dict(_clean(data))
        if any(data[key] != value for key, value in clean.items()):
            disk.draft(f"{path}.new", json.dumps({**data, **clean}, indent=2).encode(), mode)
            disk.change_mode(f"{path}.new", mode)  # without what the umask took
            disk.rename(f"{path}.new", path)


def _clean(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields that rattler takes from addresses and from what was asked for, as they may stay."""
    for key in ("url", "channel"):
        if isinstance(data.get(key), str):
            yield key, without_token(data[key])
    for key in ("requested_spec", "requested_specs"):
        value = data.get(key)
        if isinstance(value, str):
            yield key, spec_without_token(value)
        elif isinstance(value, list):
            yield key, [spec_without_token(each) if isinstance(each, str) else each for each in value]
