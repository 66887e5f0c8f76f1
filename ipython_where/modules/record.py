"""The row of one file in a RECORD, read no further than to it: numpy's RECORD is a hundred kilobytes."""

from __future__ import annotations

import os

FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe would be waited for

_CHUNK = 8_192
"""Bytes: an `__init__.py` is among the first files of its package, and a bigger block is slower to get than to read."""


def read_row(record: str, relative: bytes) -> bytes | None:
    """What a RECORD has after the path ``relative``: its hash and its size. None where it does not list that.

    Raises `OSError` where the file cannot be read.
    """
    starts = [b"\n%b," % relative]
    if b"," in relative:  # RECORD is CSV: a path with a comma is quoted
        starts.append(b'\n"%b",' % relative.replace(b'"', b'""'))
    descriptor = os.open(record, FLAGS)
    try:
        piece = b"\n"
        while True:
            chunk = os.read(descriptor, _CHUNK)
            piece = piece[piece.rfind(b"\n") :] + chunk  # the last line may go on
            for start in starts:
                at = piece.find(start)
                if at >= 0:
                    row, ended, _ = piece[at + len(start) :].partition(b"\n")
                    if ended or not chunk:
                        return row
            if not chunk:
                return None
    finally:
        os.close(descriptor)
