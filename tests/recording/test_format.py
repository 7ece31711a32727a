from __future__ import annotations

import io
from pathlib import Path

import pytest

from sidecar.recording.format import (
    END_MARK,
    FORMAT_VERSION,
    NotARecording,
    encode_json,
    encode_record,
    fits_a_frame,
    read_recording,
)
from sidecar.wire.frames import read_frame
from tests.recording.builders import SESSION, error, request, result, write_recording


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    write_recording(
        path, request(1, b"\xff\xd8"), result(1), error(None, "INVALID_REQUEST"), ({"type": "end", "exit_code": 0}, b"")
    )
    recording = read_recording(path)
    assert recording.session["wire"] == "frames"
    assert [(record.type, record.message.get("id", "none"), record.body) for record in recording.records] == [
        ("request", 1, b"\xff\xd8"),
        ("result", 1, b""),
        ("error", None, b""),
    ]
    assert (recording.exit_code, recording.torn) == (0, False)


def test_a_reader_of_the_wire_reads_a_recording_and_passes_over_our_types(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    write_recording(path, request(1, b"body"), ({"type": "received"}, b"line"), result(1))
    stream = io.BytesIO(path.read_bytes())
    first, second, end = (read_frame(stream) for _ in range(3))
    assert first
    assert second
    assert (first.type, bytes(first.body), second.type, end) == ("request", b"body", "result", None)


def test_a_file_cut_at_any_byte_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    write_recording(path, request(1, b"x" * 40), result(1))
    data = path.read_bytes()
    session_bytes = len(encode_record(SESSION))
    ends = {0: session_bytes}
    for cut in range(session_bytes, len(data) + 1):
        path.write_bytes(data[:cut])
        recording = read_recording(path)
        ends[len(recording.records)] = min(ends.get(len(recording.records), cut), cut)
        assert recording.torn is (cut not in ends.values())
    assert list(ends) == [0, 1, 2]
    assert ends[2] == len(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}\n", id="text"),
        pytest.param(bytes(4096), id="zeros"),
        pytest.param(encode_record({"type": "hello"}), id="a frame that is not the first of a recording"),
        pytest.param(encode_record({**SESSION, "format": FORMAT_VERSION + 1}), id="a later format"),
        pytest.param(encode_record(SESSION)[:-1], id="cut in the first record"),
    ],
)
def test_anything_else_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    path.write_bytes(data)
    with pytest.raises(NotARecording, match=str(path)):
        read_recording(path)


def test_what_follows_the_end_mark_is_older_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "1-1.a"
    newer = encode_record(SESSION) + encode_record({"type": "ping", "recorded_ms": 9})
    older = encode_record({"type": "ping", "recorded_ms": 3})
    path.write_bytes(newer + END_MARK + older)
    recording = read_recording(path)
    assert (len(recording.records), recording.torn) == (1, False)


def test_a_record_half_written_over_older_ones_is_dropped(tmp_path: Path) -> None:
    """The process died inside the write: new bytes, then the bytes of the older round, which may start a frame."""
    path = tmp_path / "1-1.a"
    older = encode_record({"type": "request", "id": 1, "recorded_ms": 3}, 64) + b"o" * 64
    newer = encode_record({"type": "request", "id": 9, "recorded_ms": 8}, 64) + b"n" * 64
    assert len(older) == len(newer)
    head = encode_record(SESSION) + encode_record({"type": "cancel", "id": 8, "recorded_ms": 7})
    for written in (len(newer) - 1, len(newer)):
        path.write_bytes(head + newer[:written] + older[written:] + older + older)
        recording = read_recording(path)
        assert [record.message["id"] for record in recording.records] == [8]
        assert recording.torn


def test_two_segments_are_read_in_order_from_either_name(tmp_path: Path) -> None:
    handshake = ({"type": "init", "protocol": 1}, b"")
    older = {**SESSION, "segment": 4, "repeated": 1}
    write_recording(tmp_path / "7-7.b", handshake, request(2), session={**older, "segment": 5})
    write_recording(tmp_path / "7-7.a", handshake, request(1), session=older)
    for suffix in (".a", ".b"):
        recording = read_recording((tmp_path / "7-7").with_suffix(suffix))
        assert [record.type for record in recording.records] == ["init", "request", "request"]
        assert [record.message.get("id") for record in recording.records] == [None, 1, 2]


def test_one_segment_alone_is_enough(tmp_path: Path) -> None:
    write_recording(tmp_path / "7-7.b", ({"type": "init", "protocol": 1}, b""), request(2))
    (tmp_path / "7-7.a").touch()
    assert len(read_recording(tmp_path / "7-7.b").records) == 2


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        ({"type": "request", "id": 1}, True),
        ({"type": "error", "id": None}, True),
        ({"type": "ping"}, True),
        ({"type": "frame", "id": 1}, False),
        ({"type": "request", "id": "1"}, False),
        ({"type": "request", "id": -1}, False),
        ({"type": "request", "id": 2**32}, False),
        ({"type": "request", "id": True}, False),
        ({"type": ["request"]}, False),
        ({}, False),
    ],
)
def test_only_what_a_header_can_carry_fits_a_frame(message: dict[str, object], fits: bool) -> None:
    assert fits_a_frame(message) is fits


@pytest.mark.parametrize("value", [2**70, "\ud800", object, float("nan")])
def test_any_message_becomes_json(value: object) -> None:
    assert encode_json({"type": "request", "value": value}).startswith(b"{")
