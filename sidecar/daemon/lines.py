"""Messages as JSON lines."""

from __future__ import annotations

import base64
import time
from typing import Any, BinaryIO, cast

from sidecar.daemon.encoding import Incoming, Unreadable
from sidecar.daemon.requests import Buffer
from sidecar.wire.jsonl import LineError, encode_line, read_line
from sidecar.wire.limits import Limits


class LinesEncoding:
    """See `Encoding`."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._input = _WatchedLines(stream)
        self.limits = limits

    def read(self) -> Incoming | Unreadable | None:
        """See `Encoding`."""
        line = read_line(cast(BinaryIO, self._input), limits=self.limits)
        if line is None:
            return None
        if isinstance(line, LineError):
            return Unreadable(line.id, line.code, line.message, self.last_bytes())
        return Incoming(line, b"", time.monotonic())

    def last_bytes(self) -> bytes:
        """See `Encoding`."""
        return self._input.last

    def encode(self, message: dict[str, Any], body: Buffer = b"") -> tuple[Buffer, ...]:
        """See `Encoding`. A body, which only the operations on videos have here, becomes text."""
        if len(body):
            message = {**message, "body_b64": base64.b64encode(body).decode("ascii")}
        return (encode_line(message, limits=self.limits),)


class _WatchedLines:
    """Refers to the last piece read, so that a malformed line can be recorded."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.last = b""

    def readline(self, size: int) -> bytes:
        self.last = self._stream.readline(size)
        return self.last
