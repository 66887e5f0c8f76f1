"""How far pip's downloads are, by the lines that it writes.

Tested in `tests/change/installers/test_amounts.py`.
"""

from __future__ import annotations

import re

from .progress import Progress

_BYTES = r"Progress (\d+) of (\d+)"
_FILE = r"\s*(Downloading|Using cached|Processing) (\S+)(?: \(([\d.]+) (bytes|kB|MB|GB)\))?\s*"
_UNITS = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


class PipDownloads:
    """Parses pip's lines: each file is named as it begins, and of a large one the bytes follow, ``Progress 1234 of 5678``.

    ``files``: how many there will be, which makes one bar of them all; 0 if that is unknown: then each file fills it.
    """

    def __init__(self, files: int = 0) -> None:
        self._files = files
        self._complete = 0
        self._received = 0
        self._is_open = False
        self._is_fetched = False
        self._here, self._size = 0, 0

    def __call__(self, line: str, progress: Progress) -> bool:
        amount = re.fullmatch(_BYTES, line)
        begun = None if amount else re.fullmatch(_FILE, line)
        if amount is not None:
            self._here, self._size, self._is_open, self._is_fetched = int(amount[1]), int(amount[2]), True, True
        elif begun is not None and not begun[2].endswith(".metadata"):
            self._end()
            self._is_open, self._is_fetched = True, begun[1] == "Downloading"
            self._here, self._size = 0, int(float(begun[3] or 0) * _UNITS[begun[4] or "bytes"])
        elif not self._files or line.startswith("Installing collected packages"):
            self._end()
        self._tell(progress)
        return amount is not None

    def _end(self) -> None:
        """The file that was open is there: pip takes one after the other."""
        if self._is_open:
            self._complete += 1
            self._received += self._size if self._is_fetched else 0
        self._is_open, self._here, self._size = False, 0, 0

    def _tell(self, progress: Progress) -> None:
        received = self._received + self._here
        if not self._files:
            progress.amount(self._here, self._size if self._here else 0, received)
            return
        share = self._here / self._size if self._size else 0
        done = min(self._files, self._complete + share)
        progress.amount(int(done * 1000), self._files * 1000, received)
