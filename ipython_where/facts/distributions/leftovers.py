"""The `~umpy` folders that a pip which was cut off leaves in site-packages, told by their names alone.

Tested in `tests/facts/distributions/test_directory.py`.
"""

from __future__ import annotations

from ipython_where.project_names import METADATA_SUFFIXES, normalized

_PUT_BEFORE = "-~.=%0123456789"


def is_leftover(name: str) -> bool:
    """Whether a pip put a folder aside under this name before it replaced it: with a `~` for the first letter.

    `AdjacentTempDirectory` in pip's `utils/temp_dir.py`; a pip that ends normally takes the folder away or back.
    """
    return name.startswith("~")


def could_be(leftover: str, name: str) -> bool:
    """Whether pip may have put a folder of ``name`` (a module or a project) aside under the name ``leftover``.

    It replaces letters from the left by `~` and then others; where those names are taken, it puts them before it.
    """
    wanted, ends = normalized(name), ("-", ".") if leftover.endswith(METADATA_SUFFIXES) else (".",)
    for at in range(1, len(leftover)):
        rest = leftover[at:]
        for kept in {wanted[at:], wanted}:
            end = rest[len(kept) :]
            if kept and normalized(rest[: len(kept)]) == kept and (not end or end.startswith(ends)):
                return True
        if leftover[at] not in _PUT_BEFORE:
            return False
    return False
