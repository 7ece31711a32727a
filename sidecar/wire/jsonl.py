"""JSON lines: one message per line, for people and shells. Bodies travel inside, as `body_b64`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, BinaryIO

from sidecar.wire.generated import codes
from sidecar.wire.header import MAX_ID, FrameTooLarge
from sidecar.wire.limits import DEFAULT_LIMITS, Limits
from sidecar.wire.plain import NotPlain, check_plain, parse_json

BODY_KEY = "body_b64"
_DISCARD_BYTES = 64 * 1024  # read at a time while an over-long line is passed over
_BASE64_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that is no message. Answer it with an error and read on.

    Attributes:
        code: INVALID_REQUEST or FRAME_TOO_LARGE.
        message: one sentence that names the value.
        id: the line's own request id, where one could be read.
    """

    code: str
    message: str
    id: int | None = None


def read_line(stream: BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, Any] | LineError | None:
    """Return the next message, what was wrong with it, or None at the end of the stream.

    Blank lines are passed over; a last line needs no line feed. A line over `limits.line_bytes` is discarded while
    it is read, so memory stays bounded.

    Args:
        stream: blocking and buffered (`readline` is called).
    """
    while True:
        line = stream.readline(limits.line_bytes + 1)
        if not line:
            return None
        if len(line) > limits.line_bytes and not line.endswith(b"\n"):
            size = len(line) + _discard_line(stream)
            return LineError(codes.FRAME_TOO_LARGE, f"line of {size} bytes is over the limit of {limits.line_bytes}")
        if not line.isspace():
            return _parse(line, limits)


def encode_line(message: dict[str, Any], *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the message as one line, line feed included.

    Raises:
        FrameTooLarge: over `limits`; nothing was written, the connection is unharmed.
        NotPlain: a value the other language could not read back.
    """
    check_plain(message, depth=limits.depth)
    line = _dump(message)
    if len(line) > limits.line_bytes + 1:
        raise FrameTooLarge(f"line of {len(line) - 1} bytes is over the limit of {limits.line_bytes}")
    return line


def _dump(message: dict[str, Any]) -> bytes:
    try:
        import orjson
    except ImportError:  # then this very message says that start-up failed
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)


def _parse(line: bytes, limits: Limits) -> dict[str, Any] | LineError:
    # Every value costs a byte outside this alphabet, so this bounds the number of objects before they are built.
    if len(line) > limits.meta_bytes and len(line.translate(None, _BASE64_BYTES)) > limits.meta_bytes:
        return LineError(codes.FRAME_TOO_LARGE, _too_much_besides_body(limits))
    try:
        message = parse_json(line, depth=limits.depth)
    except NotPlain as error:
        return LineError(codes.INVALID_REQUEST, f"not a message: {error}")
    id_ = message.get("id")
    if type(id_) is float and id_.is_integer():  # JSON Schema: 1.0 is an integer; people get back what they can match
        id_ = message["id"] = int(id_)
    attributable = id_ if type(id_) is int and 1 <= id_ <= MAX_ID else None
    body = message.get(BODY_KEY)
    body_text_bytes = len(body) + line.count(b"\\") if type(body) is str else 0  # some escape its slashes
    if len(line) - body_text_bytes > limits.meta_bytes:
        return LineError(codes.FRAME_TOO_LARGE, _too_much_besides_body(limits), attributable)
    return message


def _too_much_besides_body(limits: Limits) -> str:
    return f"line holds more than {limits.meta_bytes} bytes besides its {BODY_KEY}"


def _discard_line(stream: BinaryIO) -> int:
    size = 0
    while chunk := stream.readline(_DISCARD_BYTES):
        size += len(chunk)
        if chunk.endswith(b"\n"):
            return size - 1
    return size
