"""After INIT_FAILED: whoever still sends work learns the cause, instead of a broken pipe."""

from __future__ import annotations

import json
import threading
from typing import BinaryIO, Optional

from sidecar.bootstrap.channel import Channel
from sidecar.bootstrap.failure import Failure
from sidecar.wire.header import MAX_ID
from sidecar.wire.limits import DEFAULT_LIMITS

LINGER_S = 1.0  # for the end of input
_CHUNK_BYTES = 64 * 1024


def refuse(stream: BinaryIO, channel: Channel, failure: Failure) -> None:
    """Read the input until it ends, for LINGER_S at most; answer each line of JSON with NOT_READY.

    Frames are read and dropped: their client has INIT_FAILED, and unread input would reset its socket.
    """
    work = _answer_lines if channel.wire == "jsonl" else _drop
    thread = threading.Thread(target=work, args=(stream, channel, failure), name="refuse", daemon=True)
    thread.start()
    thread.join(LINGER_S)


def not_ready(failure: Failure, request_id: Optional[int]) -> "dict[str, object]":
    """The ERROR for work that came to a daemon which could not start."""
    return {
        "type": "error",
        "id": request_id,
        "code": "NOT_READY",
        "message": "start-up failed: {}: {}".format(failure.code, failure.message),
        "hint": failure.hint,
        "retryable": failure.retryable,
        "details": {"cause": failure.code},
    }


def _answer_lines(stream: BinaryIO, channel: Channel, failure: Failure) -> None:
    continued = False
    while True:
        line = stream.readline(DEFAULT_LIMITS.line_bytes)
        if not line:
            return
        if not continued and line.strip():
            channel.send(not_ready(failure, _id_of(line)))
        continued = not line.endswith(b"\n")  # the rest of an over-long line is no line of its own


def _id_of(line: bytes) -> Optional[int]:
    try:
        request_id = json.loads(line.decode("utf-8")).get("id")
    except (ValueError, AttributeError, RecursionError):
        return None
    return request_id if type(request_id) is int and 1 <= request_id <= MAX_ID else None


def _drop(stream: BinaryIO, channel: Channel, failure: Failure) -> None:
    while stream.read(_CHUNK_BYTES):
        pass
