"""A daemon to measure, driven over frames from Python."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from sidecar.wire.frames import Frame, encode_frame, read_frame


class Daemon:
    """One `python -m sidecar --wire frames`, ready when entered.

    Attributes:
        ready: the READY message.
        hello_ms, ready_ms: from just before the process was started to the message's arrival.
    """

    def __init__(
        self,
        *,
        estimator: str = "blazepose",
        threads: int = 1,
        options: Mapping[str, Any] | None = None,
        cache: Path | None = None,
    ) -> None:
        """Say what is started; nothing is yet.

        Args:
            options: of the estimator.
            cache: folder of its caches; default: the user's.
        """
        self._init = {"type": "init", "protocol": 1, "estimator": estimator, "threads": threads}
        self._init |= {} if options is None else {"options": dict(options)}
        self._environment = {**os.environ} if cache is None else {**os.environ, "POSE_CACHE_DIR": str(cache)}
        self._last_id = 0

    def __enter__(self) -> Self:
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sidecar", "--wire", "frames", "--log-level", "WARNING"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=self._environment,
        )
        self._out = cast(BinaryIO, open(cast(BinaryIO, self._process.stdout).fileno(), "rb", closefd=False))
        self._expect("hello")
        self.hello_ms = (time.perf_counter() - started) * 1e3
        self._send(self._init, json_meta=True)
        while (frame := self._read()).type == "progress":
            pass
        if frame.type != "ready":
            raise RuntimeError(f"daemon did not get ready: {frame.message}")
        self.ready_ms = (time.perf_counter() - started) * 1e3
        self.ready = frame.message
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._send({"type": "drain"})
            self._expect("bye")
        cast(BinaryIO, self._process.stdin).close()
        self._process.wait(10)
        self._out.close()

    def estimate(self, body: bytes, **params: Any) -> Frame:
        """One request, one answer."""
        self.submit(body, **params)
        return self.answer()

    def submit(self, body: bytes, **params: Any) -> None:
        """Write a request without waiting."""
        self._last_id += 1
        self._send({"type": "request", "id": self._last_id, "op": "estimate", "params": params}, body)

    def answer(self) -> Frame:
        """The next terminal message; raises RuntimeError for an error."""
        frame = self._read()
        if frame.type != "result":
            raise RuntimeError(f"daemon answered {frame.message}")
        return frame

    def ping(self) -> dict[str, Any]:
        """The daemon's PONG."""
        self._send({"type": "ping", "seq": 1})
        return self._expect("pong").message

    def _send(self, message: dict[str, Any], body: bytes = b"", *, json_meta: bool = False) -> None:
        head, _ = encode_frame(message, body, json_meta=json_meta)
        stdin = cast(BinaryIO, self._process.stdin)
        for part in (head, body):
            view = memoryview(part)
            while view:
                view = view[stdin.write(view) :]

    def _read(self) -> Frame:
        frame = read_frame(self._out)
        if frame is None:
            raise RuntimeError(f"daemon ended with exit code {self._process.wait(10)}")
        return frame

    def _expect(self, kind: str) -> Frame:
        frame = self._read()
        if frame.type != kind:
            raise RuntimeError(f"expected {kind}, got {frame.message}")
        return frame
