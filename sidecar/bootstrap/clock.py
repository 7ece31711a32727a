"""How long this process has been alive."""

from __future__ import annotations

import os
import time

_IMPORTED_S = time.monotonic()  # the fallback: the interpreter's own start-up is not counted


def process_start_s() -> float:
    """When the kernel started this process, on the scale of `time.monotonic()`. Linux: within 10 ms."""
    try:
        with open("/proc/self/stat", "rb") as file:
            # After the last ')' (the name may hold any byte) field 22 of proc(5), start time, is the 20th.
            start_ticks = int(file.read().rpartition(b")")[2].split()[19])
        alive_s = time.clock_gettime(time.CLOCK_BOOTTIME) - start_ticks / os.sysconf("SC_CLK_TCK")
    except (AttributeError, OSError, ValueError, IndexError):
        return _IMPORTED_S
    return min(time.monotonic() - alive_s, _IMPORTED_S)
