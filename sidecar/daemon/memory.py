"""Memory of one request stays with the process for the next.

glibc gives large blocks back to the kernel as soon as they are free, so each picture paid for its pages again: 306
page faults for a 640x360 JPEG, 0.6 of the 1.1 ms that the daemon added to a request. With these thresholds there are
none, and what is kept is bounded. Every thread may have an arena of its own that keeps freed blocks, and every segment
of a video has new threads: with few arenas a daemon's memory does not grow from video to video.
"""

from __future__ import annotations

import sys

KEEP_BYTES = 32 * 1024 * 1024  # free memory at the top of the heap before any is given back
OWN_MAPPING_BYTES = 16 * 1024 * 1024  # larger blocks come from the kernel and go back at once; a 4 Mpx image is 12 MB
ARENAS = 2  # that allocations are shared out to, instead of eight for each core

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h; see mallopt(3)


def keep_freed_memory() -> bool:
    """Ask the C library to keep freed blocks for reuse. False: it is not glibc, and nothing was changed.

    Threads that were started before keep the arenas they have.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        import ctypes

        mallopt = ctypes.CDLL(None).mallopt
    except (ImportError, OSError, AttributeError):  # musl has none
        return False
    wanted = {_M_TRIM_THRESHOLD: KEEP_BYTES, _M_MMAP_THRESHOLD: OWN_MAPPING_BYTES, _M_ARENA_MAX: ARENAS}
    return all(mallopt(option, value) for option, value in wanted.items())
