"""Two names change places in one step: whoever opens one of them meanwhile finds the old or the new, never none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h; see renameat2(2)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths of one file system. False: this system or file system cannot, and nothing was changed."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        import ctypes

        renameat2 = ctypes.CDLL(None).renameat2
    except (ImportError, OSError, AttributeError):  # a C library from before 2018, or another one
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return int(renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)) == 0
