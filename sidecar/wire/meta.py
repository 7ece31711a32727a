"""The meta of a frame: one map, as msgpack, or as JSON until READY."""

from __future__ import annotations

import json
from typing import Any

from sidecar.wire.plain import NotPlain, check_plain, parse_json, unique_pairs

# msgpack is imported where it is used: INIT (JSON) must be readable when msgpack is the module that is missing.

HEADER_KEYS = ("type", "id")  # travel in the header, so meta must not repeat them


def encode_meta(message: dict[str, Any], *, as_json: bool, depth: int) -> bytes:
    """Return the message without its type and id, encoded.

    Raises:
        NotPlain: a value the other language could not read back.
    """
    meta = {key: value for key, value in message.items() if key not in HEADER_KEYS}
    check_plain(meta, depth=depth)
    if as_json:
        return json.dumps(meta, ensure_ascii=False, separators=(",", ":")).encode()
    import msgpack

    encoded: bytes = msgpack.packb(meta)
    return encoded


def decode_meta(data: bytes | bytearray, *, is_json: bool, depth: int) -> dict[str, Any]:
    """Read a meta map back.

    Raises:
        NotPlain: not one map of the data model, or it repeats what the header says.
    """
    meta = parse_json(data, depth=depth) if is_json else _parse_msgpack(data, depth=depth)
    for key in HEADER_KEYS:
        if key in meta:
            raise NotPlain(f"{key!r} travels in the header and must not stand in meta")
    return meta


def _parse_msgpack(data: bytes | bytearray, *, depth: int) -> dict[str, Any]:
    import msgpack

    try:
        value = msgpack.unpackb(data, object_pairs_hook=unique_pairs, max_ext_len=0, strict_map_key=True)
    except NotPlain:
        raise
    except UnicodeDecodeError as error:
        raise NotPlain(f"not UTF-8: byte 0x{error.object[error.start]:02x} in a string") from None
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise NotPlain(f"not msgpack of the data model: {error or type(error).__name__}") from None
    if type(value) is not dict:
        raise NotPlain(f"a message must be a map, got {type(value).__name__}")
    check_plain(value, depth=depth)
    return value
