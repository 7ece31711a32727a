"""Byte streams are cut into the frames and faults, and lines into the messages and codes, that the vectors say."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast

import pytest

from sidecar.wire.frames import MalformedMeta, encode_frame, read_frame
from sidecar.wire.header import WireError
from sidecar.wire.jsonl import LineError, read_line
from sidecar.wire.limits import DEFAULT_LIMITS, Limits
from tests.wire.vectors import assemble, cases


@pytest.mark.parametrize("case", cases("bytes/frames.json"))
@pytest.mark.parametrize("dribbles", [False, True], ids=["at once", "byte by byte"])
def test_frames(case: dict[str, Any], dribbles: bool) -> None:
    data = assemble(case["bytes"])
    step = (1 if len(data) < 10_000 else 997) if dribbles else len(data)
    limits = _limits(case)
    stream = cast(BinaryIO, _Dribble(data, step=step))
    frames, fault = [], None
    try:
        while (frame := read_frame(stream, limits=limits)) is not None:
            frames.append({"message": frame.message, "body": frame.body.hex()})
    except WireError as error:
        fault = type(error).__name__
    assert frames == case["frames"]
    assert fault == case.get("fault")


@pytest.mark.parametrize("case", [param for param in cases("bytes/frames.json") if "canonical" in param.values[0]])
def test_writing_canonical_frames(case: dict[str, Any]) -> None:
    [frame] = case["frames"]
    head, body = encode_frame(frame["message"], bytes.fromhex(frame["body"]), json_meta=case["canonical"] == "json")
    assert head + bytes(body) == assemble(case["bytes"])


@pytest.mark.parametrize("case", cases("bytes/lines.json"))
def test_lines(case: dict[str, Any]) -> None:
    read = read_line(io.BytesIO(assemble(case["bytes"])), limits=_limits(case))
    if "message" in case:
        assert read == case["message"]
    else:
        assert isinstance(read, LineError)
        assert (read.code, read.id) == (case["code"], case.get("id"))


@pytest.mark.parametrize("case", cases("bytes/lines.json"))
def test_after_any_line_the_next_is_read(case: dict[str, Any]) -> None:
    stream = io.BytesIO(assemble(case["bytes"]).removesuffix(b"\n") + b'\n{"type":"drain"}\n')
    read_line(stream, limits=_limits(case))
    assert read_line(stream) == {"type": "drain"}
    assert read_line(stream) is None


@pytest.mark.parametrize(
    "case", [param for param in cases("bytes/frames.json") if param.values[0].get("fault") == "MalformedMeta"]
)
def test_after_malformed_meta_the_next_frame_is_read(case: dict[str, Any]) -> None:
    stream = io.BytesIO(assemble(case["bytes"]) + encode_frame({"type": "ping", "seq": 9})[0])
    with pytest.raises(MalformedMeta):
        read_frame(stream)
    frame = read_frame(stream)
    assert frame is not None
    assert frame.message == {"type": "ping", "seq": 9}


def _limits(case: dict[str, Any]) -> Limits:
    return DEFAULT_LIMITS._replace(**case.get("limits", {}))


class _Dribble(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a busy socket may."""

    def __init__(self, data: bytes, *, step: int) -> None:
        self._rest = memoryview(data)
        self._step = step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._step, len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
