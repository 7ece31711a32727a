"""A request in work, and the flag that stops it."""

from __future__ import annotations

import time

from sidecar.daemon.requests import Request
from sidecar.estimators.protocol import Cancelled
from sidecar.wire.generated import codes

WHY_STOPPED = {
    codes.CANCELLED: "cancelled by the client",
    codes.DEADLINE_EXCEEDED: "the deadline passed during the work",
    codes.DRAINING: "the daemon is ending",
}


class Job:
    """A request with its cancel token; the token is asked between stages, images and batches.

    Attributes:
        steps: how often the token was asked: a count that grows whenever the work gets on.
        stopped: code of the terminal error it shall get; None while it is wanted.
    """

    __slots__ = ("request", "steps", "stopped")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.steps = 0
        self.stopped: str | None = None

    def stop(self, code: str) -> None:
        """Nobody wants this any more; the first reason counts."""
        if self.stopped is None:
            self.stopped = code

    def is_expired(self) -> bool:
        """Has its deadline passed?"""
        deadline_s = self.request.deadline_s
        return deadline_s is not None and time.monotonic() >= deadline_s

    def raise_if_cancelled(self) -> None:
        """See `CancelToken`."""
        self.steps += 1
        if self.stopped is None and self.is_expired():
            self.stop(codes.DEADLINE_EXCEEDED)
        if self.stopped is not None:
            raise Cancelled(WHY_STOPPED[self.stopped])
