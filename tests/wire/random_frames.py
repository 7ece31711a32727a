"""Seeded byte streams near the edge between frame and no frame."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import msgpack

from sidecar.wire.header import FLAG_META_IS_JSON, TYPE_CODES, pack_header

TEXTS = ["", "a", "é", "漢字", "😀", '"', "\\", "\n", "\ufeff", "x" * 31, "y" * 32, "z" * 300]
NUMBERS = [0, 1, -1, 127, 128, 255, 256, -32, -33, 2**31, 2**32, 2**53 - 1, 1 - 2**53, 0.0, -0.0, 0.5, 1e20, 5e-324]
REFUSED_TEXTS = ["__proto__", "\ud800", "type", "id"]
REFUSED_NUMBERS = [2**53, -(2**53), 2**63, 2**64 - 1, float("nan"), float("inf")]
RARELY = 0.01  # per value: a stream holds many
INTERESTING = [
    b"\x00",
    b"\xff",
    b"\xc1",
    b"\xc4\x00",
    b"\xdf\xff\xff\xff\xff",
    b"\xed\xa0\x80",
    b"NaN",
    b"1e999",
    b'"a":1,',
    b"[[[",
]


def stream(random: Random) -> bytes:
    """Return one to three frames, most of them with something wrong."""
    return b"".join(_frame(random) for _ in range(random.randint(1, 3)))


def _frame(random: Random) -> bytes:
    as_json = random.random() < 0.5
    meta = _meta(random, as_json)
    if random.random() < 0.5:
        meta = _mutated(meta, random)
    body = random.randbytes(random.choice([0, 0, 3, 40]))
    code = random.choice([*TYPE_CODES.values()] * 4 + [0, 6, 0x80, 0xFF])
    header = pack_header(
        code,
        id=random.choice([0, 1, 77, 0xFFFFFFFE, 0xFFFFFFFF]),
        meta_bytes=len(meta),
        body_bytes=len(body),
        flags=FLAG_META_IS_JSON if as_json else 0,
    )
    if random.random() < 0.05:
        header = _mutated(header, random)
    return (header + meta + body)[: None if random.random() < 0.95 else random.randrange(1, 30)]


def _meta(random: Random, as_json: bool) -> bytes:
    value = {_text(random): _value(random, depth=4) for _ in range(random.randint(0, 4))}
    if as_json:
        text = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice([None, 1]))
        return text.encode("utf-8", "surrogatepass")
    packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    return packed


def _value(random: Random, *, depth: int) -> Any:
    kind = random.randrange(7 if depth else 4)
    if kind == 0:
        return random.choice([None, True, False])
    if kind == 1:
        return random.choice(NUMBERS)
    if kind == 2:
        return random.choice(REFUSED_NUMBERS) if random.random() < RARELY else random.uniform(-1e6, 1e6)
    if kind == 3:
        return _text(random)
    if kind < 6:
        return [_value(random, depth=depth - 1) for _ in range(random.choice([0, 1, 3, 20]))]
    return {_text(random): _value(random, depth=depth - 1) for _ in range(random.randint(0, 3))}


def _text(random: Random) -> str:
    return random.choice(REFUSED_TEXTS if random.random() < RARELY else TEXTS)


def _mutated(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    end = min(len(data), at + random.randint(0, 3))
    piece = random.choice([b"", data[at:end] * 2, random.randbytes(1), random.choice(INTERESTING)])
    return data[:at] + piece + data[end:]
