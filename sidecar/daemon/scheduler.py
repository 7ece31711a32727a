"""Which request runs next, and what became of each: exactly one terminal message per id.

The reader thread submits, cancels and ends; the work thread takes jobs and finishes them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sidecar.daemon.endings import Ending
from sidecar.daemon.errors import error_message
from sidecar.daemon.job import Job
from sidecar.daemon.requests import Buffer, Request
from sidecar.wire.generated import codes

Send = Callable[[dict[str, Any], Buffer], None]


@dataclass(frozen=True, slots=True)
class Credits:
    """How much a client may have in work at once: requests, and bytes of input."""

    requests: int = 2  # one running, one prefetched
    bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Status:
    """What the work thread is doing, for PONG."""

    running_id: int | None
    running_ms: float | None
    progress: int
    queued: int


class Scheduler:
    """The queue between reader and work thread. Every method may be called from any thread.

    Args:
        send: takes outgoing messages.
        granted: what may be in work at once.
        enforces_credits: True: a client that overspends gets an error, and ids must grow (frames); False: `submit`
            waits for room, and an id must only not be in work (JSON lines).
    """

    def __init__(self, send: Send, *, granted: Credits, enforces_credits: bool) -> None:
        self._send = send
        self._granted = granted
        self._enforces_credits = enforces_credits
        self._changed = threading.Condition()  # its lock is reentrant: signal handlers come here too
        self._queue: deque[Job] = deque()
        self._in_work: dict[int, Job] = {}
        self._bytes_in_work = 0
        self._running: Job | None = None
        self._running_since_s = 0.0
        self._last_id = 0
        self._steps = 0
        self._ending: Ending | None = None
        self.completed = 0

    @property
    def ending(self) -> Ending | None:
        """How the daemon ends; None while it goes on."""
        return self._ending

    def submit(self, request: Request) -> None:
        """Queue a request, or answer at once why not."""
        with self._changed:
            if not self._enforces_credits:
                self._changed.wait_for(lambda: self._ending is not None or self._has_room(request))
            refusal = self._refusal(request)
            if refusal is None:
                job = Job(request)
                self._in_work[request.id] = job
                self._bytes_in_work += request.size_bytes
                self._queue.append(job)
                self._changed.notify_all()
        if refusal is not None:
            self._send(refusal, b"")

    def refuse(self, request_id: int | None, code: str, message: str) -> None:
        """Answer something that never becomes work. An id that is another request's own is left out of the answer."""
        with self._changed:
            if request_id in self._in_work or (self._enforces_credits and (request_id or 0) <= self._last_id):
                request_id = None
            elif self._enforces_credits and request_id is not None:
                self._last_id = request_id
        self._send(error_message(request_id, code, message), b"")

    def cancel(self, request_id: int) -> None:
        """The client no longer wants this answer. An id that is not in work was answered already: nothing to do."""
        with self._changed:
            job = self._in_work.get(request_id)
            if job is None:
                return
            job.stop(codes.CANCELLED)
            queued = job in self._queue
            if queued:
                self._queue.remove(job)
        if queued:
            self.finish(job, error_message(request_id, codes.CANCELLED, "cancelled before it started"))

    def end(self, ending: Ending) -> None:
        """Begin to end. A later, harder ending overrides a gentler one.

        An ending that is not `gentle` answers what waits and stops what runs; a gentle one lets both finish.
        """
        with self._changed:
            if self._ending is None or (self._ending.gentle and not ending.gentle):
                self._ending = ending
            dropped = []
            if not ending.gentle:
                dropped = list(self._queue)
                self._queue.clear()
                if self._running is not None:
                    self._running.stop(codes.DRAINING)
            self._changed.notify_all()
        for job in dropped:
            self.finish(job, error_message(job.request.id, codes.DRAINING, f"the daemon ends: {ending.why}"))

    def next(self) -> Job | None:
        """Wait for the next job; None when there will be none. Expired jobs are answered here and never start."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._ending is not None)
                if not self._queue:
                    return None
                job = self._queue.popleft()
                self._running, self._running_since_s = job, time.monotonic()
            if not job.is_expired():
                return job
            message = "the deadline passed before the work could start"
            self.finish(job, error_message(job.request.id, codes.DEADLINE_EXCEEDED, message))

    def finish(self, job: Job, message: dict[str, Any], body: Buffer = b"") -> None:
        """Send a job's terminal message and refund what it spent."""
        with self._changed:
            del self._in_work[job.request.id]
            self._bytes_in_work -= job.request.size_bytes
            self.completed += 1
            self._steps += job.steps + 1
            if self._running is job:
                self._running = None
            self._changed.notify_all()
        self._send(message, body)  # after the refund: the client may answer it with the next request at once

    def status(self) -> Status:
        """What is going on, without waiting for the work thread."""
        with self._changed:
            running, queued = self._running, len(self._queue)
            if running is None:
                return Status(None, None, self._steps, queued)
            running_ms = (time.monotonic() - self._running_since_s) * 1000
            return Status(running.request.id, round(running_ms, 3), self._steps + running.steps, queued)

    def _has_room(self, request: Request) -> bool:
        if not self._in_work:
            return True  # one request always fits: its size was checked against the limits
        return (
            len(self._in_work) < self._granted.requests
            and self._bytes_in_work + request.size_bytes <= self._granted.bytes
        )

    def _refusal(self, request: Request) -> dict[str, Any] | None:
        """Why a request cannot be queued. An id that cannot be its own is answered with a null id."""
        if request.id in self._in_work:
            return error_message(None, codes.INVALID_REQUEST, f"id {request.id} is still in work; use another one")
        if self._enforces_credits:
            if request.id <= self._last_id:
                message = f"ids must grow and are never reused: got {request.id} after {self._last_id}"
                return error_message(None, codes.INVALID_REQUEST, message)
            self._last_id = request.id
        if self._ending is not None:
            return error_message(request.id, codes.DRAINING, f"the daemon takes no new work: {self._ending.why}")
        if self._has_room(request):
            return None
        granted = f"{self._granted.requests} requests and {self._granted.bytes} bytes"
        return error_message(request.id, codes.NO_RESOURCES, f"the request is over the credits granted: {granted}")
