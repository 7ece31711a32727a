"""The 16 bytes in front of every frame. Standard library only, Python 3.8: HELLO is sent before any import.

 0        1        2        3        4                 8                 12                16
+--------+--------+--------+--------+-----------------+-----------------+-----------------+
|  0xF7  |0xD0|maj|  type  | flags  |     id u32      |  meta_len u32   |  body_len u32   |   big-endian
+--------+--------+--------+--------+-----------------+-----------------+-----------------+
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MAGIC = 0xF7  # never occurs in UTF-8, so stray text is caught at byte 0
VERSION_BYTE = 0xD0  # high nibble of byte 1; the low nibble is the protocol major
MAJOR = 1  # the protocol major spoken here
HEADER_BYTES = 16

FLAG_END = 1  # the last message of this id
FLAG_META_IS_JSON = 2  # meta is JSON instead of msgpack
KNOWN_FLAGS = FLAG_END | FLAG_META_IS_JSON

OPTIONAL_TYPE_BIT = 0x80  # a receiver ignores a type with this bit that it does not know
CONNECTION_ID = 0
UNATTRIBUTABLE_ID = 0xFFFFFFFF
MAX_ID = 0xFFFFFFFE

TYPE_CODES = {
    "init": 1,
    "request": 2,
    "cancel": 3,
    "ping": 4,
    "drain": 5,
    "hello": 16,
    "progress": 17,
    "ready": 18,
    "init_failed": 19,
    "part": 20,
    "result": 21,
    "error": 22,
    "pong": 23,
    "bye": 24,
}
TYPE_NAMES = {code: name for name, code in TYPE_CODES.items()}
HANDSHAKE_TYPES = frozenset({"hello", "init", "init_failed"})  # readable across majors, so their major is not checked

_LAYOUT = struct.Struct(">BBBBIII")


class WireError(Exception):
    """The peer broke the protocol. Nothing after it on this stream can be trusted, except after a MalformedMeta."""

    code = "PROTOCOL_ERROR"


class BadMagic(WireError):
    """The bytes are not a frame: text on the wire, or the stream lost its place."""


class BadMajor(WireError):
    """The frame belongs to a protocol major that was not negotiated."""

    code = "VERSION_SKEW"


class UnknownType(WireError):
    """A frame type this side does not know and may not ignore."""


class ReservedFlags(WireError):
    """A flag bit is set that this major does not define."""


class FrameTooLarge(WireError):
    """An announced length is over the limit."""

    code = "FRAME_TOO_LARGE"


class FrameTruncated(WireError):
    """The stream ended inside a frame."""


class Header(NamedTuple):
    """The fields of one header, as sent."""

    type_code: int
    flags: int
    id: int
    meta_bytes: int
    body_bytes: int
    major: int


def pack_header(
    type_code: int,
    *,
    id: int = CONNECTION_ID,  # noqa: A002 - the field's name
    meta_bytes: int,
    body_bytes: int,
    flags: int = 0,
    major: int = MAJOR,
) -> bytes:
    """Return the 16 bytes that announce a frame."""
    return _LAYOUT.pack(MAGIC, VERSION_BYTE | major, type_code, flags, id, meta_bytes, body_bytes)


def unpack_header(data: bytes | bytearray | memoryview) -> Header:
    """Read 16 bytes as a header. Says nothing of type, major or lengths: `check_header` does.

    Raises:
        BadMagic: the first two bytes are not those of a frame.
    """
    magic, version, type_code, flags, id_, meta_bytes, body_bytes = _LAYOUT.unpack(data)
    if magic != MAGIC or version & 0xF0 != VERSION_BYTE:
        raise BadMagic(f"a frame starts with f7 d{MAJOR}, got {bytes(data).hex(' ')}")
    return Header(type_code, flags, id_, meta_bytes, body_bytes, version & 0x0F)


def check_header(header: Header, *, max_meta_bytes: int, max_body_bytes: int, majors: frozenset[int]) -> None:
    """Refuse a header this side must not follow, before anything is allocated.

    Raises:
        UnknownType, BadMajor, ReservedFlags, FrameTooLarge: as their names say, in this order.
    """
    name = TYPE_NAMES.get(header.type_code)
    if name is None and not header.type_code & OPTIONAL_TYPE_BIT:
        raise UnknownType(f"frame type {header.type_code} is not known and not optional (bit 7 is clear)")
    if name not in HANDSHAKE_TYPES and header.major not in majors:
        raise BadMajor(f"frame has protocol major {header.major}, this side speaks {sorted(majors)}")
    if header.flags & ~KNOWN_FLAGS:
        raise ReservedFlags(f"flags must be within 0x{KNOWN_FLAGS:02x}, got 0x{header.flags:02x}")
    if header.meta_bytes > max_meta_bytes:
        raise FrameTooLarge(f"meta of {header.meta_bytes} bytes is over the limit of {max_meta_bytes}")
    if header.body_bytes > max_body_bytes:
        raise FrameTooLarge(f"body of {header.body_bytes} bytes is over the limit of {max_body_bytes}")
