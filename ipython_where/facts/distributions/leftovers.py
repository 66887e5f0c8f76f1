"""The `~umpy` folders that an interrupted pip leaves in site-packages, recognized by name alone.

Tested in `tests/facts/distributions/test_directory.py`.
"""

from __future__ import annotations

from ipython_where.project_names import METADATA_SUFFIXES, normalized

_PUT_BEFORE = "-~.=%0123456789"


def is_leftover(name: str) -> bool:
    """Whether pip moved a folder aside under this name, with `~` for the first letter, before replacing it.

    See `AdjacentTempDirectory` in pip's `utils/temp_dir.py`. A pip that ends normally deletes the folder or moves it
    back.
    """
    return name.startswith("~")


def could_be(leftover: str, name: str) -> bool:
    """Whether pip may have moved a folder of ``name`` (a module or a project) aside as ``leftover``.

    pip replaces letters from the left with `~` and other characters; if those names are taken, it prepends them
    instead.
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
