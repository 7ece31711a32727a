"""End with the parent, whatever this process is doing.

Linux: the kernel sends SIGKILL when the parent's thread that spawned us ends, also while native code holds the GIL.
That rule is per thread: spawn from a thread that lives as long as the daemon shall.
Elsewhere a thread polls; it needs the GIL, and so does the end of input that the reader sees.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from sidecar.bootstrap.exit_codes import PEER_GONE

POLL_S = 0.5
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def watch_parent(parent_pid: int) -> None:
    """Arrange for this process to end when `parent_pid`, read at the very start, is no longer our parent."""
    if not (sys.platform.startswith("linux") and _kernel_watches()):
        threading.Thread(target=_poll, args=(parent_pid,), name="parent-watch", daemon=True).start()
    if os.getppid() != parent_pid:  # it died before the kernel was told
        os._exit(PEER_GONE)


def _kernel_watches() -> bool:
    try:
        import ctypes
        import signal

        libc = ctypes.CDLL(None, use_errno=True)
        return bool(libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def _poll(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(POLL_S)
    os._exit(PEER_GONE)
