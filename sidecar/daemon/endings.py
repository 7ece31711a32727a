"""The ways in which a daemon ends."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from sidecar.bootstrap import exit_codes

GRACE_S = 1.5  # for running work to notice that it shall stop; the client's own ladder gives 2 s


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ends and what the client is told.

    Attributes:
        why: for people, in errors.
        reason: BYE's reason; None: no BYE.
        exit_code: of the process.
        gentle: finish what was accepted, instead of stopping it.
        signal: end by this signal at last, as the parent expects of a signalled process.
    """

    why: str
    reason: str | None
    exit_code: int
    gentle: bool = False
    signal: int | None = None


DRAINED = Ending("it drains", "drained", exit_codes.FINISHED, gentle=True)
DRAIN_DEADLINE = Ending("the time for draining is over", "drained", exit_codes.FINISHED)
END_OF_LINES = Ending("the input has ended", None, exit_codes.FINISHED, gentle=True)
CLIENT_GONE = Ending("the client is gone", None, exit_codes.PEER_GONE)
WIRE_FAULT = Ending("the client broke the protocol", "fatal", exit_codes.WIRE_FAULT)


def by_signal(number: int) -> Ending:
    """The ending that a signal asks for."""
    return Ending(f"signal {number} came", "signal", 128 + number, signal=number)


def exit_at_the_latest(exit_code: int, *, after_s: float = GRACE_S) -> None:
    """End the process after a grace, whatever the work thread is doing then."""
    timer = threading.Timer(after_s, os._exit, (exit_code,))
    timer.daemon = True
    timer.start()
