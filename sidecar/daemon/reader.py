"""The reader thread: always drains the input, and hands each message to the inbox of the moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from sidecar.daemon.encoding import Encoding, Incoming, Unreadable
from sidecar.daemon.threads import start_thread
from sidecar.wire.header import MAX_ID, WireError
from sidecar.wire.messages import InvalidMessage, validate


@dataclass(frozen=True, slots=True)
class Fault:
    """What the stream ended with, instead of a clean end, and the bytes that were one."""

    error: WireError
    raw: bytes


class Inbox(Protocol):
    """Who gets the messages; called on the reader thread."""

    def receive(self, incoming: Incoming) -> None:
        """A message that fits its schema."""

    def refuse(self, unreadable: Unreadable) -> None:
        """Something that does not; the stream goes on."""

    def end(self, fault: Fault | None) -> None:
        """Nothing more will come: the input ended, or broke the protocol beyond repair."""


class Reader:
    """Reads until the end of input.

    Attributes:
        ended: set when nothing more will come.
    """

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._inbox: Inbox | None = None
        self.ended = threading.Event()

    def deliver_to(self, inbox: Inbox) -> None:
        """Hand the next message to this inbox; the first call begins to read, on a thread of its own."""
        is_first = self._inbox is None
        self._inbox = inbox
        if is_first:
            start_thread("reader", self._run)

    def _run(self) -> None:
        fault = None
        try:
            while (received := self._encoding.read()) is not None:
                checked = check(received)
                if isinstance(checked, Incoming):
                    self._current.receive(checked)
                else:
                    self._current.refuse(checked)
        except WireError as error:
            fault = Fault(error, self._encoding.last_bytes())
        except OSError:  # a reset socket: the client is gone
            pass
        self.ended.set()
        self._current.end(fault)

    @property
    def _current(self) -> Inbox:
        assert self._inbox is not None
        return self._inbox


def check(received: Incoming | Unreadable) -> Incoming | Unreadable:
    """A message against its schema."""
    if isinstance(received, Unreadable):
        return received
    try:
        validate(received.message)
    except InvalidMessage as error:
        return Unreadable(_request_id(received), error.code, str(error), received)
    return received


def _request_id(received: Incoming) -> int | None:
    """The id an error may end: only a request's own. A cancel's id belongs to another message."""
    request_id = received.message.get("id")
    if received.message.get("type") in ("cancel", "ping", "drain", "init") or type(request_id) is not int:
        return None
    return request_id if 1 <= request_id <= MAX_ID else None
