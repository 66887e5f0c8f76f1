"""Import names and the projects that provide them: `providers.txt`, which `scripts/providers.py` makes.

There, a name has its projects behind a colon if they aren't called the same (with hyphens for underscores). A hyphen alone: none
is known for what is in there, whoever provides the package above it. To correct a name, edit
`scripts/reviewed.tsv`, and make it again.
"""

from __future__ import annotations

from pkgutil import get_data


def unpacked(data: bytes) -> str:
    """The table as it is searched: a line a name, with its projects after a blank, and a line's end before the first."""
    words = data.decode().replace(" ", "\n").replace(":", " ").replace(",", " ")
    return f"\n{words}"


PROVIDERS = unpacked(get_data(__package__, "providers.txt") or b"")
"""Read by the loader, so that it is found in an archive as well: 1.5 ms."""
