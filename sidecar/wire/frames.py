"""Frames on a byte stream: header, meta, body. A body is read once, into its own buffer, and never copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from sidecar.wire.header import (
    CONNECTION_ID,
    FLAG_END,
    FLAG_META_IS_JSON,
    HEADER_BYTES,
    MAGIC,
    MAJOR,
    TYPE_CODES,
    TYPE_NAMES,
    UNATTRIBUTABLE_ID,
    BadMagic,
    FrameTooLarge,
    FrameTruncated,
    WireError,
    check_header,
    pack_header,
    unpack_header,
)
from sidecar.wire.limits import DEFAULT_LIMITS, HARD_BODY_BYTES, Limits
from sidecar.wire.meta import HEADER_KEYS, decode_meta, encode_meta
from sidecar.wire.plain import NotPlain

Buffer = bytes | bytearray | memoryview

_MAJORS = frozenset({MAJOR})
_SKIP_BYTES = 64 * 1024  # read at a time while an ignored frame is passed over


class MalformedMeta(WireError):
    """A frame whose meta is not a message. Its end is known, so the stream stays usable.

    Attributes:
        type: message type of the header.
        id: request id of the header; None where it has none.
    """

    code = "INVALID_REQUEST"

    def __init__(self, message: str, message_type: str, request_id: int | None) -> None:
        super().__init__(message)
        self.type = message_type
        self.id = request_id


@dataclass(frozen=True, slots=True)
class Frame:
    """One message and its body.

    Attributes:
        message: {"type", "id"?, ...} as JSON lines would carry it; no id: the connection's own; None: of no request.
        body: raw bytes, in a buffer of their own.
    """

    message: dict[str, Any]
    body: memoryview

    @property
    def type(self) -> str:
        """Message type."""
        name: str = self.message["type"]
        return name

    @property
    def id(self) -> int | None:
        """Request id; None where the message has none."""
        return self.message.get("id")

    @property
    def meta(self) -> dict[str, Any]:
        """The other fields of the message."""
        return {key: value for key, value in self.message.items() if key not in HEADER_KEYS}


def read_frame(stream: BinaryIO, *, limits: Limits = DEFAULT_LIMITS, majors: frozenset[int] = _MAJORS) -> Frame | None:
    """Return the next frame this side knows, or None at a clean end of stream.

    Args:
        stream: blocking; buffered or not.
        limits: checked before anything is allocated.
        majors: protocol majors to accept outside the handshake.

    Raises:
        MalformedMeta: the frame was read to its end but its meta is no message; go on reading.
        WireError: any other: the stream cannot be trusted any more.
    """
    while True:
        head = _read_header(stream)
        if head is None:
            return None
        header = unpack_header(head)
        check_header(header, max_meta_bytes=limits.meta_bytes, max_body_bytes=_body_limit(limits), majors=majors)
        name = TYPE_NAMES.get(header.type_code)
        if name is None:
            _skip(stream, header.meta_bytes + header.body_bytes)
            continue
        data = _read_exactly(stream, header.meta_bytes, part="meta")
        body = _read_exactly(stream, header.body_bytes, part="body")
        id_ = header.id if header.id not in (CONNECTION_ID, UNATTRIBUTABLE_ID) else None
        try:
            meta = decode_meta(data, is_json=bool(header.flags & FLAG_META_IS_JSON), depth=limits.depth)
        except NotPlain as error:
            raise MalformedMeta(f"meta of {name}: {error}", name, id_) from None
        ids = {} if header.id == CONNECTION_ID else {"id": id_}
        return Frame({"type": name, **ids, **meta}, memoryview(body))


def encode_frame(
    message: dict[str, Any], body: Buffer = b"", *, json_meta: bool = False, limits: Limits = DEFAULT_LIMITS
) -> tuple[bytes, Buffer]:
    """Return (header + meta, body); write both with one writev. The body is passed through, not copied.

    Args:
        message: {"type", "id"?, ...}; id None makes an unattributable message, no id one of the connection.
        json_meta: until READY, when msgpack itself may be what is missing.

    Raises:
        FrameTooLarge: over `limits`; nothing was written, the connection is unharmed.
        NotPlain: a value the other language could not read back.
    """
    type_code = TYPE_CODES[message["type"]]
    id_ = message.get("id", CONNECTION_ID)
    encoded = encode_meta(message, as_json=json_meta, depth=limits.depth)
    body_bytes = memoryview(body).nbytes
    if len(encoded) > limits.meta_bytes:
        raise FrameTooLarge(f"meta of {len(encoded)} bytes is over the limit of {limits.meta_bytes}")
    if body_bytes > _body_limit(limits):
        raise FrameTooLarge(f"body of {body_bytes} bytes is over the limit of {_body_limit(limits)}")
    ends = message["type"] == "result" or (message["type"] == "error" and id_ is not None)
    flags = (FLAG_META_IS_JSON if json_meta else 0) | (FLAG_END if ends else 0)
    header = pack_header(
        type_code,
        id=UNATTRIBUTABLE_ID if id_ is None else id_,
        meta_bytes=len(encoded),
        body_bytes=body_bytes,
        flags=flags,
    )
    return header + encoded, body


def _body_limit(limits: Limits) -> int:
    return min(limits.body_bytes, HARD_BODY_BYTES)


def _read_header(stream: BinaryIO) -> bytes | None:
    read_some = getattr(stream, "read1", stream.read)  # a buffered stream's `read` waits for all it was asked for
    head = b""
    while len(head) < HEADER_BYTES:
        chunk = read_some(HEADER_BYTES - len(head))
        if not chunk:
            if head:
                raise FrameTruncated(f"the stream ended after {len(head)} of {HEADER_BYTES} header bytes")
            return None
        head += chunk
        if head[0] != MAGIC:  # said at once: a peer that talks text may never send 16 bytes
            raise BadMagic(f"a frame starts with f7, got {head!r}")
    return head


def _read_exactly(stream: BinaryIO, size: int, *, part: str) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        count = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            raise FrameTruncated(f"the stream ended after {done} of {size} {part} bytes")
        done += count
    return data


def _skip(stream: BinaryIO, size: int) -> None:
    while size:
        chunk = stream.read(min(size, _SKIP_BYTES))
        if not chunk:
            raise FrameTruncated(f"the stream ended {size} bytes before the end of an ignored frame")
        size -= len(chunk)
