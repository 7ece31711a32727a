"""What start-up tells the client, in order: hello, progress, then ready or init_failed."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any, Dict

from sidecar.bootstrap.channel import Channel
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.hello import hello_message

PHASES = ("hello", "importing", "loading", "warming")


class Reporter:
    """Start-up's story as messages. Progress may come from any thread; nothing follows ready or init_failed."""

    def __init__(self, channel: Channel, *, process_start_s: float) -> None:
        self._channel = channel
        self._process_start_s = process_start_s
        self._lock = threading.Lock()
        self._phase = "hello"
        self._detail = "starting"
        self._phase_start_s = process_start_s
        self._timings_ms: Dict[str, float] = {}
        self._over = False

    @property
    def phase(self) -> str:
        """The phase that start-up is in."""
        return self._phase

    def elapsed_ms(self) -> float:
        """Milliseconds since the process started."""
        return round((time.monotonic() - self._process_start_s) * 1000, 3)

    def hello(self) -> None:
        """Say who speaks."""
        self._channel.send(hello_message(self._channel.wire))

    def progress(self, phase: str, detail: str) -> None:
        """Start-up has got to `phase`, and does `detail` now."""
        with self._lock:
            if phase not in PHASES:
                raise ValueError("phase must be one of {}, got {!r}".format(", ".join(PHASES), phase))
            if phase != self._phase:
                self._end_phase()
                self._phase = phase
            self._detail = detail
            self._send_progress()

    def repeat_progress(self) -> None:
        """Say again what is going on: it takes long, but we are alive."""
        with self._lock:
            self._send_progress()

    def timings_ms(self) -> Dict[str, float]:
        """Milliseconds per phase so far, and in total since the process started."""
        with self._lock:
            self._end_phase()
            return dict(self._timings_ms, total=self.elapsed_ms())

    def ready(self, message: Dict[str, Any]) -> None:
        """Work is accepted from now on."""
        self._finish(message)

    def init_failed(self, failure: Failure) -> None:
        """Start-up is over and why. People who watch stderr read the same."""
        if self._finish(failure.to_message(self._phase)):
            print("pose-sidecar: {}: {}\n  {}".format(failure.code, failure.message, failure.hint), file=sys.stderr)  # noqa: T201

    def _finish(self, message: Dict[str, Any]) -> bool:
        with self._lock:
            if self._over:
                return False
            self._over = True
            self._channel.send(message)
            return True

    def _send_progress(self) -> None:
        if not self._over:
            elapsed_ms = self.elapsed_ms()
            self._channel.send(
                {"type": "progress", "phase": self._phase, "detail": self._detail, "elapsed_ms": elapsed_ms}
            )

    def _end_phase(self) -> None:
        now_s = time.monotonic()
        spent_ms = (now_s - self._phase_start_s) * 1000
        self._timings_ms[self._phase] = round(self._timings_ms.get(self._phase, 0.0) + spent_ms, 3)
        self._phase_start_s = now_s
