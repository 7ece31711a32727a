"""What reader, writer and work know of an encoding: messages in, messages out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sidecar.daemon.requests import Buffer
from sidecar.wire.limits import Limits


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came; `received_s` is the monotonic time of its header."""

    message: dict[str, Any]
    body: Buffer
    received_s: float


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that is no message; the stream goes on after it.

    Attributes:
        id: the request it ends; None where it cannot be tied to one.
        source: what came, for the flight recorder: a message that does not fit its schema, or bytes that are none.
    """

    id: int | None
    code: str
    message: str
    source: Incoming | bytes


class Encoding(Protocol):
    """Bytes to messages and back, on one connection."""

    limits: Limits

    def read(self) -> Incoming | Unreadable | None:
        """The next message, or None at the end of input. Raises WireError where the stream cannot go on."""

    def last_bytes(self) -> bytes:
        """The bytes of the last message as they came; for the flight recorder, after a fault."""

    def encode(self, message: dict[str, Any], body: Buffer = b"") -> tuple[Buffer, ...]:
        """The pieces to write, in order. Raises WireError or NotPlain for what the wire cannot carry."""
