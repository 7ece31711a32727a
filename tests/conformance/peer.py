"""A daemon under test as its client sees it: messages in, messages out, and never a wait without an end."""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sidecar.wire.frames import encode_frame, read_frame
from sidecar.wire.header import HEADER_BYTES, FrameTruncated, Header, WireError, unpack_header
from sidecar.wire.limits import HARD_BODY_BYTES, Limits

NONCE = "conformance-nonce"
_GENEROUS = Limits(meta_bytes=1024 * 1024, body_bytes=HARD_BODY_BYTES)


class Silence(AssertionError):
    """The daemon neither spoke nor ended in time."""


class Garbled(AssertionError):
    """What the daemon wrote is not the protocol."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message and the bytes it came as; `header` is None in JSON lines."""

    message: dict[str, Any]
    raw: bytes
    body: bytes = b""
    header: Header | None = None


class Peer:
    """One running daemon. A context manager that leaves no process.

    Args:
        command: the daemon's command line.
        wire: frames or jsonl.
        patience_s: longest wait for anything.
        env: environment of the daemon; None: this one's.
    """

    def __init__(
        self, command: Sequence[str], *, wire: str, patience_s: float, env: Mapping[str, str] | None = None
    ) -> None:
        self.wire = wire
        self.patience_s = patience_s
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**(os.environ if env is None else env), "POSE_SIDECAR_NONCE": NONCE},
            start_new_session=True,
        )
        self._received: queue.Queue[Received | Exception | None] = queue.Queue()
        self._stderr: list[bytes] = []
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._drain_stderr)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for thread in self._threads:
            thread.join(timeout=self.patience_s)
        self.close_input()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def send(self, message: dict[str, Any], body: bytes = b"", *, json_meta: bool = False) -> None:
        """Send one message."""
        self.write(self.encoded(message, body, json_meta=json_meta))

    def encoded(self, message: dict[str, Any], body: bytes = b"", *, json_meta: bool = False) -> bytes:
        """Return the bytes of one message, for conversations that write several at once."""
        if self.wire == "jsonl":
            return json.dumps(message).encode() + b"\n"
        head, same_body = encode_frame(message, body, json_meta=json_meta, limits=_GENEROUS)
        return head + bytes(same_body)

    def write(self, data: bytes) -> None:
        """Write raw bytes. A daemon that has gone is met when its answer is awaited."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.write(data)
            self._process.stdin.flush()

    def close_input(self) -> None:
        """End the daemon's input."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def interrupt(self) -> None:
        """Send SIGINT, as a terminal does."""
        self._process.send_signal(signal.SIGINT)

    def receive(self) -> Received:
        """Return the next message. Raises Silence, Garbled, or EOFError at the end of the daemon's output."""
        try:
            item = self._received.get(timeout=self.patience_s)
        except queue.Empty:
            raise Silence(f"no message within {self.patience_s} s") from None
        if item is None:
            self._received.put(None)
            raise EOFError("the daemon's output ended")
        if isinstance(item, Exception):
            raise Garbled(str(item))
        return item

    def rest(self) -> list[Received]:
        """Return every message up to the end of the daemon's output."""
        messages = []
        with contextlib.suppress(EOFError):
            while True:
                messages.append(self.receive())
        return messages

    def exit_code(self) -> int:
        """Wait for the daemon's end."""
        try:
            return self._process.wait(timeout=self.patience_s)
        except subprocess.TimeoutExpired:
            raise Silence(f"the daemon did not exit within {self.patience_s} s") from None

    def stderr_tail(self, lines: int = 3) -> str:
        """Return its last words."""
        return b"".join(self._stderr[-lines:]).decode(errors="replace").strip()

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while (received := self._read_one(self._process.stdout)) is not None:
                self._received.put(received)
        except (WireError, ValueError) as error:
            self._received.put(error)
        self._received.put(None)

    def _read_one(self, stream: Any) -> Received | None:
        if self.wire == "jsonl":
            line = stream.readline()
            return Received(json.loads(line), line) if line else None
        head = stream.read(HEADER_BYTES)
        if not head:
            return None
        if len(head) < HEADER_BYTES:
            raise FrameTruncated(f"the output ended with {head!r}")
        header = unpack_header(head)
        data = stream.read(header.meta_bytes + header.body_bytes)
        frame = read_frame(io.BytesIO(head + data), limits=_GENEROUS)
        return None if frame is None else Received(frame.message, head + data, bytes(frame.body), header)

    def _drain_stderr(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._stderr = [*self._stderr[-20:], line]
