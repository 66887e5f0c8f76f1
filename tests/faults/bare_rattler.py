"""rattler in place, with nothing of this package: what is struck beside `%safeconda`; run by a Python that has py-rattler.

``bare_rattler.py PREFIX CHANNEL install|remove SPEC …``
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path


async def main(prefix: Path, channel: str, command: str, specs: list[str]) -> None:
    """Do it."""
    from rattler import Gateway, MatchSpec, Platform, PrefixRecord, install, solve

    there = [PrefixRecord.from_path(path) for path in sorted((prefix / "conda-meta").glob("*.json"))]
    if command == "remove":
        records = [each for each in there if each.name.normalized not in specs]
    else:
        records = await solve(
            sources=[f"file://{channel}"],
            specs=[MatchSpec(each) for each in (*specs, *(each.name.normalized for each in there))],
            gateway=Gateway(),
            platforms=[Platform.current(), "noarch"],
            locked_packages=there,
        )
    await install(records, target_prefix=prefix, show_progress=False)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
    os._exit(0)  # its threads were seen to crash an interpreter that shuts down
