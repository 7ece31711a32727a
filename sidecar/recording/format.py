"""The file of a recording: wire frames, one after the other, in the order in which they crossed the wire.

Every record is a frame of protocol/SPEC.md with JSON meta. Client messages and daemon messages keep their own types,
so the type says the direction. Three types are added, with the bit that lets a reader who does not know them pass
them over:

    0xF0 recording   first record: wire, arguments, environment, versions (one per ring segment)
    0xF1 received    body = bytes as they came: one line of jsonl, or one frame that could not be read
    0xF2 end         how the daemon ended: exit_code. Absent: it died.

`recorded_ms` in meta is the time since the recording began. A body that was too large to keep is left out, and
`body_omitted` in meta says how many bytes it had. The last record may be torn: a reader takes what is whole.

A ring is two such files, `.a` and `.b`, written over in turn. Its newest record is followed by 16 zero bytes; where a
record is followed by neither those, nor the end of the file, nor a later record, it was being written when the
process died, and what follows it is older.
"""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from sidecar.wire.header import (
    CONNECTION_ID,
    FLAG_META_IS_JSON,
    HEADER_BYTES,
    MAGIC,
    MAX_ID,
    TYPE_CODES,
    TYPE_NAMES,
    UNATTRIBUTABLE_ID,
    BadMagic,
    pack_header,
    unpack_header,
)

FORMAT_VERSION = 1
END_MARK = bytes(HEADER_BYTES)
EXTRA_TYPES = {"recording": 0xF0, "received": 0xF1, "end": 0xF2}
CLIENT_TYPES = frozenset({"init", "request", "cancel", "ping", "drain", "received"})

_CODES = {**TYPE_CODES, **EXTRA_TYPES}
_NAMES = {**TYPE_NAMES, **{code: name for name, code in EXTRA_TYPES.items()}}


class NotARecording(Exception):
    """The file does not start as a recording does."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message as it was: `{"type", "id"?, ...}` and its body."""

    message: dict[str, Any]
    body: bytes = b""

    @property
    def type(self) -> str:
        """Message type, or recording, received, end."""
        return str(self.message["type"])

    @property
    def recorded_ms(self) -> float:
        """Time since the recording began."""
        return float(self.message.get("recorded_ms", 0.0))

    @property
    def omitted_bytes(self) -> int:
        """How many bytes of body were left out of the recording."""
        return int(self.message.get("body_omitted", 0))


@dataclass(frozen=True, slots=True)
class Recording:
    """One session.

    Attributes:
        session: the first record: wire, arguments, environment, cwd, versions.
        records: all others in order.
        exit_code: as the daemon gave it; None: it died.
        torn: the file ends inside a record.
    """

    session: dict[str, Any]
    records: list[Record]
    exit_code: int | None
    torn: bool


def encode_record(message: dict[str, Any], body_bytes: int = 0) -> bytes:
    """Header and meta of a record. In the file, `body_bytes` bytes of body follow them."""
    id_ = message.get("id", CONNECTION_ID)
    if id_ is None:
        id_ = UNATTRIBUTABLE_ID
    meta = encode_json({name: value for name, value in message.items() if name not in ("type", "id")})
    code = _CODES[message["type"]]
    return pack_header(code, id=id_, meta_bytes=len(meta), body_bytes=body_bytes, flags=FLAG_META_IS_JSON) + meta


def encode_json(message: dict[str, Any]) -> bytes:
    """Any message as JSON; what JSON cannot say is kept as text, because a recorder may not fail."""
    try:
        return orjson.dumps(message, default=str)
    except TypeError:  # an integer beyond 64 bits, a lone surrogate
        return json.dumps(message, default=str).encode("ascii")


def fits_a_frame(message: dict[str, Any]) -> bool:
    """Has the message a type and an id that a frame header can carry? (A line of jsonl may have neither.)"""
    id_ = message.get("id", CONNECTION_ID)
    kind = message.get("type")
    return isinstance(kind, str) and kind in _CODES and (id_ is None or (type(id_) is int and 0 <= id_ <= MAX_ID))


def read_recording(path: Path) -> Recording:
    """Read a recording, or a ring with both its segments, named by either of them.

    Raises:
        NotARecording: the file starts otherwise, or was written by a later version.
        OSError: it cannot be read.
    """
    segments = [_read_segment(path)]
    sibling = sibling_of(path)
    if sibling and sibling.is_file():
        with suppress(NotARecording):  # just emptied when the daemon died
            segments.append(_read_segment(sibling))
        segments.sort(key=lambda segment: int(segment.session.get("segment", 0)))
    records = list(segments[0].records)
    for later in segments[1:]:  # each segment repeats the handshake, for the day when it is the only one
        records.extend(later.records[int(later.session.get("repeated", 0)) :])
    return Recording(segments[0].session, records, segments[-1].exit_code, segments[-1].torn)


def sibling_of(path: Path) -> Path | None:
    """The other segment of a ring, None for a plain recording."""
    other = {".a": ".b", ".b": ".a"}.get(path.suffix)
    return path.with_suffix(other) if other else None


def _read_segment(path: Path) -> Recording:
    records, torn = _parse(memoryview(path.read_bytes()))
    if not records or records[0].type != "recording":
        raise NotARecording(f"{path} is not a recording: its first record is missing")
    session, *rest = records
    if session.message.get("format") != FORMAT_VERSION:
        found = session.message.get("format")
        raise NotARecording(f"{path} has format {found!r}, this version reads {FORMAT_VERSION}")
    end = next((record for record in rest if record.type == "end"), None)
    exit_code = None if end is None else end.message.get("exit_code")
    return Recording(session.message, [record for record in rest if record is not end], exit_code, torn)


def _parse(data: memoryview) -> tuple[list[Record], bool]:
    """The whole records at the start of `data`, and whether the one after them is torn."""
    records: list[Record] = []
    offset = 0
    while offset < len(data) and data[offset : offset + HEADER_BYTES] != END_MARK:
        record, end = _record_at(data, offset)
        if record is None:
            in_place = len(data) - offset >= HEADER_BYTES and data[offset] != MAGIC
            return records[:-1] if in_place else records, True
        if records and record.recorded_ms < records[-1].recorded_ms:
            return records[:-1], True
        records.append(record)
        offset = end
    return records, False


def _record_at(data: memoryview, offset: int) -> tuple[Record | None, int]:
    meta_at = offset + HEADER_BYTES
    try:
        header = unpack_header(data[offset:meta_at])
        body_at = meta_at + header.meta_bytes
        end = body_at + header.body_bytes
        meta = json.loads(bytes(data[meta_at:body_at]))
    except (BadMagic, struct.error, ValueError):
        return None, offset
    if header.type_code not in _NAMES or end > len(data) or not isinstance(meta, dict):
        return None, offset
    message = {**meta, "type": _NAMES[header.type_code]}
    if header.id != CONNECTION_ID:
        message["id"] = None if header.id == UNATTRIBUTABLE_ID else header.id
    return Record(message, bytes(data[body_at:end])), end
