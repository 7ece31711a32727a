"""Lines from people: long, broken, hostile."""

from __future__ import annotations

import io
import json
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any, cast

import pytest

from sidecar.wire.jsonl import LineError, encode_line, read_line
from sidecar.wire.limits import Limits
from sidecar.wire.plain import NotPlain

MIB = 1024 * 1024


class Generated(io.RawIOBase):
    """A stream of pieces that never exist together."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def buffered(*pieces: tuple[bytes, int]) -> io.BufferedReader:
    return io.BufferedReader(Generated(piece for piece, times in pieces for _ in range(times)))


def test_a_line_of_100_mb_is_discarded_in_bounded_memory_and_the_next_is_served() -> None:
    limits = Limits(line_bytes=4 * MIB)
    stream = buffered((b"x" * MIB, 100), (b'\n{"type":"drain"}\n', 1))
    tracemalloc.start()
    try:
        read = read_line(stream, limits=limits)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == LineError("FRAME_TOO_LARGE", f"line of {100 * MIB} bytes is over the limit of {4 * MIB}")
    assert read_line(stream, limits=limits) == {"type": "drain"}
    assert peak < 16 * MIB


def test_a_long_line_that_never_ends_is_answered_at_the_end_of_input() -> None:
    stream = buffered((b"x" * 1000, 100))
    assert isinstance(read_line(stream, limits=Limits(line_bytes=5000)), LineError)
    assert read_line(stream) is None


@pytest.mark.parametrize("bomb", [b"{},", b"1,", b'"",', b"[],"], ids=["maps", "numbers", "texts", "lists"])
def test_many_tiny_values_are_refused_before_they_become_objects(bomb: bytes) -> None:
    line = b'{"a":[' + bomb * (4 * MIB // len(bomb)) + b"1]}\n"
    tracemalloc.start()
    try:
        read = read_line(io.BytesIO(line))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(read, LineError)
    assert read.code == "FRAME_TOO_LARGE"
    assert peak < 4 * len(line)


def test_a_body_of_20_mb_is_read_also_with_its_slashes_escaped() -> None:
    body = "AAA\\/" * (4 * MIB)
    line = f'{{"type":"frame","id":1,"body_b64":"{body}"}}\n'.encode()
    read = read_line(io.BytesIO(line))
    assert isinstance(read, dict)
    assert read["body_b64"] == "AAA/" * (4 * MIB)


def test_a_written_line_is_read_back() -> None:
    message = {"type": "result", "id": 1, "persons": [{"score": 0.95, "id": None}], "é": "😀"}
    assert read_line(io.BytesIO(encode_line(message))) == message


def test_one_message_is_one_line() -> None:
    assert encode_line({"type": "error", "id": None, "message": "a\nb\r\u2028"}).count(b"\n") == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", b"x", {1: 1}], ids=repr)
def test_the_unsayable_is_refused_before_it_is_written(value: object) -> None:
    with pytest.raises(NotPlain):
        encode_line({"type": "result", "id": 1, "value": value})


def test_lines_can_still_be_written_when_orjson_is_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    message = {"type": "error", "id": 1, "code": "NOT_READY", "message": "orjson is not installed — é"}
    expected = encode_line(message)
    monkeypatch.setitem(sys.modules, "orjson", cast(Any, None))
    assert encode_line(message) == expected
    assert json.loads(expected) == message
