"""Writing and reading frames: what must not be copied, what must not be sent, what must not be believed."""

from __future__ import annotations

import contextlib
import io
import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from sidecar.wire.frames import encode_frame, read_frame
from sidecar.wire.header import MAX_ID, FrameTooLarge, FrameTruncated, WireError
from sidecar.wire.limits import Limits
from sidecar.wire.plain import NotPlain

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEY = TEXT.filter(lambda key: key != "__proto__")
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEY, inner, max_size=5),
    max_leaves=20,
)
META = st.dictionaries(KEY.filter(lambda key: key not in ("type", "id")), PLAIN, max_size=5)


def joined(message: dict[str, Any], body: bytes = b"", **options: Any) -> bytes:
    head, same_body = encode_frame(message, body, **options)
    return head + bytes(same_body)


@seed(7)
@settings(deadline=None)
@given(META, st.integers(1, MAX_ID), st.binary(max_size=200), st.booleans())
def test_what_is_written_is_read_back(meta: dict[str, Any], request_id: int, body: bytes, json_meta: bool) -> None:
    message = {"type": "part", "id": request_id, **meta}
    frame = read_frame(io.BytesIO(joined(message, body, json_meta=json_meta)))
    assert frame is not None
    assert frame.message == message
    assert (frame.type, frame.id, frame.meta) == ("part", request_id, meta)
    assert frame.body == body


@seed(8)
@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_give_a_frame_an_end_or_a_wire_error(data: bytes, has_header: bool) -> None:
    prefix = bytes.fromhex("f7d10400") + bytes(4) + len(data).to_bytes(4, "big") + bytes(4) if has_header else b""
    stream = io.BytesIO(prefix + data)
    with contextlib.suppress(WireError):
        read_frame(stream)


def test_the_body_is_passed_through_uncopied() -> None:
    body = memoryview(bytearray(1000))
    assert encode_frame({"type": "result", "id": 1}, body)[1] is body


def test_a_body_of_floats_counts_in_bytes() -> None:
    head, _ = encode_frame({"type": "result", "id": 1}, np.zeros((3, 4), np.float32).data)
    assert head[12:16] == (48).to_bytes(4, "big")


def test_bodies_read_are_apart_from_each_other() -> None:
    stream = io.BytesIO(joined({"type": "request", "id": 1}, b"abcd") + joined({"type": "request", "id": 2}, b"efgh"))
    first, second = read_frame(stream), read_frame(stream)
    assert first is not None
    assert second is not None
    first.body[:] = b"...."
    assert bytes(second.body) == b"efgh"


@pytest.mark.parametrize("json_meta", [True, False], ids=["json", "msgpack"])
@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (float("nan"), "numbers must be finite, got nan"),
        (float("-inf"), "numbers must be finite, got -inf"),
        (2**53, "integers must be within 2**53 - 1, got 9007199254740992"),
        (-(2**900), "integers must be within 2**53 - 1, got more"),
        (b"raw", "got bytes"),
        ({1: 2}, "map keys must be strings, got 1"),
        ({"__proto__": 1}, "the key '__proto__' is not allowed"),
        ("x\ud800", "got a lone surrogate at offset 1"),
        ({"\udfff": 1}, "got a lone surrogate at offset 0"),
        ({1, 2}, "got set"),
        (np.float32(1), "got float32"),
        (np.zeros(2), "got ndarray"),
    ],
    ids=str,
)
def test_the_unsayable_is_refused_before_it_is_written(value: object, complaint: str, json_meta: bool) -> None:
    with pytest.raises(NotPlain) as caught:
        encode_frame({"type": "result", "id": 1, "a": [value]}, json_meta=json_meta)
    assert complaint in str(caught.value)


def test_over_a_limit_the_sender_is_told_and_nothing_is_written() -> None:
    limits = Limits(meta_bytes=20, body_bytes=4)
    with pytest.raises(FrameTooLarge, match="body of 5 bytes is over the limit of 4"):
        encode_frame({"type": "result", "id": 1}, bytes(5), limits=limits)
    with pytest.raises(FrameTooLarge, match="meta of 33 bytes is over the limit of 20"):
        encode_frame({"type": "result", "id": 1, "a": "x" * 29}, limits=limits)
    assert len(encode_frame({"type": "result", "id": 1, "a": "x" * 16}, bytes(4), limits=limits)[0]) == 36


def test_a_giant_is_refused_from_its_header() -> None:
    announced = bytes.fromhex("f7d10200 00000001 00000001 ffffffff")
    stream = io.BytesIO(announced)
    with pytest.raises(FrameTooLarge, match="body of 4294967295 bytes is over the limit of 33554432"):
        read_frame(stream)


def test_no_limit_goes_over_the_hard_one() -> None:
    stream = io.BytesIO(bytes.fromhex("f7d10200 00000001 00000001 10000001"))
    with pytest.raises(FrameTooLarge, match="body of 268435457 bytes is over the limit of 268435456"):
        read_frame(stream, limits=Limits(body_bytes=2**40))


def test_text_is_refused_at_its_first_byte() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream, os.fdopen(writer, "wb", buffering=0) as text:
        text.write(b"Hello\n")  # and no more, while the pipe stays open: 16 bytes never come
        with pytest.raises(WireError, match=r"a frame starts with f7, got b'Hello\\n'"):
            read_frame(stream)


def test_how_much_came_before_the_end_is_told() -> None:
    with pytest.raises(FrameTruncated, match="the stream ended after 3 of 10 body bytes"):
        read_frame(io.BytesIO(joined({"type": "request", "id": 1}, bytes(10))[:-7]))
