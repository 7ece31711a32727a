"""The way out of the daemon: a message is encoded by its sender, recorded, and queued for the writer."""

from __future__ import annotations

from typing import Any

from loguru import logger

from sidecar.daemon.encoding import Encoding
from sidecar.daemon.errors import error_message
from sidecar.daemon.recorder import Recorder
from sidecar.daemon.requests import Buffer
from sidecar.daemon.writer import Parts, Writer
from sidecar.wire.generated import codes
from sidecar.wire.header import FrameTooLarge, WireError
from sidecar.wire.plain import NotPlain


class Outbox:
    """Callable from any thread."""

    def __init__(self, writer: Writer, encoding: Encoding, recorder: Recorder) -> None:
        self._writer = writer
        self._encoding = encoding
        self._recorder = recorder

    def send(self, message: dict[str, Any], body: Buffer = b"") -> None:
        """Queue a message in its order. One that the wire cannot carry becomes an ERROR with the same id."""
        self._writer.put_result(self._recorded(message, body))

    def send_control(self, message: dict[str, Any]) -> None:
        """Queue a message that need not wait behind results."""
        self._writer.put_control(self._recorded(message, b""))

    def send_last(self, message: dict[str, Any]) -> None:
        """Queue the last message; none that is sent from here on is written."""
        self._writer.put_last(self._recorded(message, b""))

    def _recorded(self, message: dict[str, Any], body: Buffer) -> Parts:
        try:
            parts = self._encoding.encode(message, body)
        except (WireError, NotPlain) as error:
            logger.error("{} cannot be sent: {}", message["type"], error)
            code = codes.FRAME_TOO_LARGE if isinstance(error, FrameTooLarge) else codes.INTERNAL
            message, body = error_message(message.get("id"), code, f"the answer cannot be sent: {error}"), b""
            parts = self._encoding.encode(message)
        self._recorder.outbound(message, body)
        return parts
