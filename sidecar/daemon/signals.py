"""Signals: a supervised daemon leaves Ctrl-C to its client; everything else ends it in order."""

from __future__ import annotations

import os
import signal
from types import FrameType

from sidecar.daemon.endings import by_signal, exit_at_the_latest
from sidecar.daemon.scheduler import Scheduler


def before_ready(*, is_supervised: bool) -> None:
    """While starting there is nothing to finish: signals end the process at once, without a traceback.

    Ctrl-C reaches the whole foreground group: a client that drains still needs its daemon.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN if is_supervised else signal.SIG_DFL)


def while_serving(scheduler: Scheduler, *, is_supervised: bool) -> None:
    """Answer everything in work, say bye, then end by the same signal."""

    def end(number: int, frame: FrameType | None) -> None:
        ending = by_signal(number)
        exit_at_the_latest(ending.exit_code)
        scheduler.end(ending)

    signal.signal(signal.SIGTERM, end)
    if not is_supervised:
        signal.signal(signal.SIGINT, end)


def end_by(number: int) -> None:
    """End the process as if the signal had not been handled: the parent sees the truth."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
