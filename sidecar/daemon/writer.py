"""The writer thread: the only one that writes to the client, so no other ever waits inside a write.

Control messages overtake results; both queues are bounded, and a full one makes its sender wait.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

from sidecar.daemon.requests import Buffer
from sidecar.daemon.threads import start_thread

MAX_RESULTS_WAITING = 4
MAX_CONTROL_WAITING = 64

Parts = tuple[Buffer, ...]


class Writer:
    """Owns the output descriptor from READY on.

    Args:
        output_fd: blocking.
        on_broken: called once, on the writer thread, when the client stopped listening.
    """

    def __init__(self, output_fd: int, *, on_broken: Callable[[], None]) -> None:
        self._fd = output_fd
        self._on_broken = on_broken
        self._changed = threading.Condition()
        self._control: deque[Parts] = deque()
        self._results: deque[Parts] = deque()
        self._writing = False
        self._broken = False
        self._closed = False
        start_thread("writer", self._run)

    def put_control(self, parts: Parts) -> None:
        """Queue a message that stands behind nothing but a write in progress."""
        self._put(self._control, MAX_CONTROL_WAITING, parts)

    def put_result(self, parts: Parts) -> None:
        """Queue a message in its order."""
        self._put(self._results, MAX_RESULTS_WAITING, parts)

    def put_last(self, parts: Parts) -> None:
        """Queue the message that ends the wire: what any thread puts from here on is dropped."""
        with self._changed:
            self._put(self._results, MAX_RESULTS_WAITING, parts)
            self._closed = True
            self._changed.notify_all()  # for senders that wait for room

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything is written or nobody listens any more. False: the time was over first."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout_s)

    def _is_idle(self) -> bool:
        return self._broken or not (self._writing or self._control or self._results)

    def _put(self, queue: deque[Parts], bound: int, parts: Parts) -> None:
        with self._changed:
            if len(queue) >= bound:
                self._changed.wait_for(lambda: self._broken or self._closed or len(queue) < bound)
            if not (self._broken or self._closed):
                queue.append(parts)
                self._changed.notify_all()

    def _run(self) -> None:
        try:
            while True:
                _write_all(self._fd, self._take())
        except OSError:
            with self._changed:
                self._broken = True
                self._changed.notify_all()
            self._on_broken()

    def _take(self) -> Parts:
        with self._changed:
            self._writing = False
            if not (self._control or self._results):
                self._changed.notify_all()  # for flush
                self._changed.wait_for(lambda: self._control or self._results)
            self._writing = True
            parts = (self._control or self._results).popleft()
            self._changed.notify_all()  # for senders that wait for room
            return parts


def _write_all(fd: int, parts: Parts) -> None:
    """Write every byte, with one system call where the platform and the peer allow it."""
    left = [memoryview(part).cast("B") for part in parts if len(part)]
    while left:
        written = os.writev(fd, left) if hasattr(os, "writev") else os.write(fd, left[0])
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = left[0][written:]
