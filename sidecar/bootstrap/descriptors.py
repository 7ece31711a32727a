"""The wire's descriptors are ours alone: nothing else in the process can write to the client.

A `print()`, a C library's `printf` and a grandchild's output all go to descriptor 1. So the two that the client gave
us are moved away first, close-on-exec; then 0 is the null device and 1 is stderr.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple


class Descriptors(NamedTuple):
    """Private copies of the client's ends."""

    input_fd: int
    output_fd: int


def own_descriptors() -> Descriptors:
    """Take descriptors 0 and 1 for the wire and leave harmless ones in their places. Call it once, first."""
    null = _null_above_gaps()
    mine = Descriptors(os.dup(0), os.dup(1))  # os.dup gives close-on-exec descriptors (PEP 446)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    for fd in mine:
        _make_plain(fd)
    _reopen_missing()
    # It still believes in a pipe: without this, prints would reach stderr only when 8 KiB have gathered.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return mine


def fill_gaps() -> None:
    """Put the null device where a parent left 0, 1 or 2 closed, or the next file opened would take prints."""
    os.close(_null_above_gaps())
    _reopen_missing()


def _null_above_gaps() -> int:
    null = os.open(os.devnull, os.O_RDWR)
    while null <= 2:
        null = os.open(os.devnull, os.O_RDWR)
    return null


def _reopen_missing() -> None:
    """Python leaves out sys.stdout and sys.stderr when their descriptors were closed at its start."""
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - it stays
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def _make_plain(fd: int) -> None:
    """Blocking, and binary where the platform knows text mode."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(fd, os.O_BINARY)
    else:
        os.set_blocking(fd, True)  # a terminal shared with another program may not be
