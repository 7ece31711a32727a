"""Messages as frames: header, meta, body."""

from __future__ import annotations

import time
from typing import Any, BinaryIO, cast

from sidecar.daemon.encoding import Incoming, Unreadable
from sidecar.daemon.requests import Buffer
from sidecar.wire.frames import MalformedMeta, encode_frame, read_frame
from sidecar.wire.generated import codes
from sidecar.wire.limits import Limits


class FramesEncoding:
    """See `Encoding`."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._input = _WatchedInput(stream)
        self.limits = limits

    def read(self) -> Incoming | Unreadable | None:
        """See `Encoding`."""
        self._input.pieces = []
        try:
            frame = read_frame(cast(BinaryIO, self._input), limits=self.limits)
        except MalformedMeta as error:
            request_id = error.id if error.type == "request" else None
            return Unreadable(request_id, codes.INVALID_REQUEST, str(error), self.last_bytes())
        return None if frame is None else Incoming(frame.message, frame.body, self._input.header_s)

    def last_bytes(self) -> bytes:
        """See `Encoding`."""
        return b"".join(self._input.pieces)

    def encode(self, message: dict[str, Any], body: Buffer = b"") -> tuple[Buffer, ...]:
        """See `Encoding`."""
        return encode_frame(message, body, limits=self.limits)


class _WatchedInput:
    """Unbuffered input that knows when a header came: `read` gets headers, `readinto` gets meta and body.

    It refers to the pieces of the frame being read, so that a malformed one can be recorded.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.header_s = 0.0
        self.pieces: list[Buffer] = []

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.header_s = time.monotonic()
        self.pieces.append(data)
        return data

    def readinto(self, view: memoryview) -> int:
        count: int = self._stream.readinto(view)  # type: ignore[attr-defined]
        self.pieces.append(view[:count])
        return count
