"""Start-up's way to the client: whole messages, JSON, written at once by whichever thread has one."""

from __future__ import annotations

import json
import os
import threading
from typing import Any, Callable, Dict

from sidecar.wire import header


class Channel:
    """The output descriptor during start-up. After READY the writer thread takes the descriptor over."""

    def __init__(self, output_fd: int, wire: str) -> None:
        self.output_fd = output_fd
        self.wire = wire
        self._lock = threading.Lock()
        self._write: Callable[[bytes], None] = self._write_now

    def send(self, message: Dict[str, Any]) -> None:
        """Write one message. A client that is gone is not told anything: the reader sees its end of input."""
        data = _frame(message) if self.wire == "frames" else _line(message)
        with self._lock:
            self._write(data)

    def hand_over(self, write: Callable[[bytes], None]) -> None:
        """From here on `write` gets the bytes: the descriptor has another owner."""
        with self._lock:
            self._write = write

    def _write_now(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self.output_fd, data) :]
        except OSError:
            self._write = _discard


def _discard(data: bytes) -> None:
    """For a client that is gone."""


def _line(message: Dict[str, Any]) -> bytes:
    return _json(message) + b"\n"


def _frame(message: Dict[str, Any]) -> bytes:
    meta = dict(message)
    code = header.TYPE_CODES[meta.pop("type")]
    frame_id = meta.pop("id", header.CONNECTION_ID)
    if frame_id is None:
        frame_id = header.UNATTRIBUTABLE_ID
    data = _json(meta)
    flags = header.FLAG_END | header.FLAG_META_IS_JSON
    return header.pack_header(code, id=frame_id, meta_bytes=len(data), body_bytes=0, flags=flags) + data


def _json(message: Dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii")
