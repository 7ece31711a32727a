"""The writer thread: order, bounds, partial writes, a client that leaves."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from sidecar.daemon.writer import MAX_CONTROL_WAITING, MAX_RESULTS_WAITING, Writer

LIMIT_S = 20.0
FULL = b"x" * 4_000_000  # more than any socket buffer takes


class Wire:
    """A writer and the client's end."""

    def __init__(self) -> None:
        self.theirs, self._ours = socket.socketpair()
        self.broken = threading.Event()
        self.writer = Writer(self._ours.fileno(), on_broken=self.broken.set)

    def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        data = b""
        while len(data) < size:
            chunk = self.theirs.recv(size - len(data))
            assert chunk
            data += chunk
        return data

    def close(self) -> None:
        self.theirs.close()
        self.writer.put_control((b"last",))
        self.broken.wait(LIMIT_S)
        self._ours.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


def test_a_message_is_one_piece_after_the_other(wire: Wire) -> None:
    wire.writer.put_result((b"head", b"", memoryview(b"body")))
    wire.writer.put_result((b"next",))
    assert wire.read(12) == b"headbodynext"
    assert wire.writer.flush(LIMIT_S)


def test_large_messages_are_written_whole(wire: Wire) -> None:
    body = os.urandom(3_000_001)
    wire.writer.put_result((b"head", body))
    assert wire.read(4 + len(body)) == b"head" + body


def test_control_overtakes_results_that_have_not_begun(wire: Wire) -> None:
    wire.writer.put_result((FULL,))
    begun = wire.read(1)
    wire.writer.put_result((b"R",))
    wire.writer.put_control((b"C",))
    assert begun + wire.read(len(FULL) - 1) == FULL
    assert wire.read(2) == b"CR"


@pytest.mark.parametrize(("put", "bound"), [("put_result", MAX_RESULTS_WAITING), ("put_control", MAX_CONTROL_WAITING)])
def test_a_full_queue_makes_its_sender_wait(wire: Wire, put: str, bound: int) -> None:
    wire.writer.put_result((FULL,))
    begun = wire.read(1)
    for _ in range(bound):
        getattr(wire.writer, put)((b".",))
    sent = threading.Event()

    def one_more() -> None:
        getattr(wire.writer, put)((b"!",))
        sent.set()

    thread = threading.Thread(target=one_more)
    thread.start()
    assert not wire.writer.flush(0)
    assert not sent.is_set()
    assert begun + wire.read(len(FULL) - 1 + bound + 1) == FULL + b"." * bound + b"!"
    thread.join(LIMIT_S)
    assert sent.is_set()


def test_a_client_that_left_makes_nobody_wait(wire: Wire) -> None:
    wire.writer.put_result((FULL,))
    wire.read(1)
    wire.theirs.close()
    assert wire.broken.wait(LIMIT_S)
    for _ in range(MAX_CONTROL_WAITING * 2):
        wire.writer.put_result((b".",))
        wire.writer.put_control((b".",))
    assert wire.writer.flush(LIMIT_S)


def test_nothing_follows_the_last_message(wire: Wire) -> None:
    wire.writer.put_result((FULL,))
    begun = wire.read(1)
    for _ in range(MAX_RESULTS_WAITING - 1):
        wire.writer.put_result((b".",))
    wire.writer.put_control((b"C",))
    wire.writer.put_last((b"bye",))
    late = [threading.Thread(target=wire.writer.put_result, args=((b"late",),)) for _ in range(8)]
    for thread in late:  # the queue is full: none of them may wait for its room either
        thread.start()
        thread.join(LIMIT_S)
        assert not thread.is_alive()
    wire.writer.put_control((b"pong",))
    assert begun + wire.read(len(FULL) - 1 + 7) == FULL + b"C...bye"
    assert wire.writer.flush(LIMIT_S)
    wire.theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        wire.theirs.recv(1)
    wire.broken.set()  # it never will be: nothing more is written


def test_empty_messages_write_nothing(wire: Wire) -> None:
    wire.writer.put_result(())
    wire.writer.put_result((b"", b""))
    wire.writer.put_result((b"after",))
    assert wire.read(5) == b"after"
