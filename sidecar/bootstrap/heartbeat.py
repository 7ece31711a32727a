"""A long start-up stays audible, and ends at its deadline."""

from __future__ import annotations

import os
import threading
import time
from typing import Optional

from sidecar.bootstrap.exit_codes import INIT_FAILED
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.report import Reporter

DEFAULT_S = 2.0


class Heartbeat:
    """Repeats the last progress every `interval_s` until closed. A context manager.

    Native code that holds the GIL silences it; the client's own start-up limit covers that.
    """

    def __init__(self, reporter: Reporter, *, interval_s: float = DEFAULT_S) -> None:
        self._reporter = reporter
        self._interval_s = interval_s
        self._deadline_s: Optional[float] = None
        self._changed = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._changed:
            self._over = True
            self._changed.notify()

    def configure(self, *, interval_s: Optional[float], left_ms: Optional[float]) -> None:
        """What INIT asks for: another interval, and the time left for start-up."""
        with self._changed:
            if interval_s is not None:
                self._interval_s = interval_s
            if left_ms is not None:
                self._deadline_s = time.monotonic() + left_ms / 1000
            self._changed.notify()

    def _run(self) -> None:
        next_s = time.monotonic() + self._interval_s
        with self._changed:
            while not self._over:
                now_s = time.monotonic()
                if self._deadline_s is not None and now_s >= self._deadline_s:
                    self._give_up()
                if now_s >= next_s:
                    self._reporter.repeat_progress()
                next_s = now_s + self._interval_s
                wake_s = next_s if self._deadline_s is None else min(next_s, self._deadline_s)
                self._changed.wait(wake_s - now_s)

    def _give_up(self) -> None:
        self._reporter.init_failed(
            Failure(
                "DEADLINE_EXCEEDED",
                "start-up was still {} when its deadline passed".format(self._reporter.phase),
                "Allow more time, or start fewer daemons at once.",
                retryable=True,
            )
        )
        os._exit(INIT_FAILED)  # the main thread is inside an import or a model load and cannot be stopped otherwise
