from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sidecar.daemon.recorder import Recorder, open_recorder
from sidecar.recording.format import Recording, read_recording
from sidecar.recording.storage import MAX_RING_BODY_BYTES


def ring(tmp_path: Path, wire: str = "frames") -> Recorder:
    return open_recorder(None, cache=tmp_path, wire=wire, arguments=["--wire", wire])


def read(recorder: Recorder) -> Recording:
    assert recorder.path
    return read_recording(recorder.path)


def test_a_session_says_how_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_MODELS_DIR", "/models")
    monkeypatch.setenv("POSE_SIDECAR_NONCE", "hunter2")
    recorder = open_recorder(tmp_path / "a.rec", cache=None, wire="jsonl", arguments=["--threads", "1"])
    session = read(recorder).session
    assert (session["wire"], session["arguments"], session["cwd"]) == ("jsonl", ["--threads", "1"], str(Path.cwd()))
    assert session["environment"]["POSE_MODELS_DIR"] == "/models"
    assert "hunter2" not in str(session)


def test_messages_of_frames_keep_type_id_and_body(tmp_path: Path) -> None:
    recorder = ring(tmp_path)
    recorder.inbound({"type": "request", "id": 3, "op": "estimate"}, memoryview(b"jpeg"))
    recorder.outbound({"type": "result", "id": 3, "persons": []}, b"floats")
    first, second = read(recorder).records
    assert (first.type, first.message["id"], first.message["op"], first.body) == ("request", 3, "estimate", b"jpeg")
    assert (second.type, second.message["persons"], second.body) == ("result", [], b"floats")
    assert 0 <= first.recorded_ms <= second.recorded_ms


@pytest.mark.parametrize(
    "message", [{"type": "frame", "id": 1}, {"type": 7}, {"id": "x"}, {"type": "request", "id": -1}]
)
def test_a_line_is_kept_as_text_whatever_it_says(message: dict[str, object], tmp_path: Path) -> None:
    recorder = ring(tmp_path, "jsonl")
    recorder.inbound(message)
    (record,) = read(recorder).records
    assert record.type == "received"
    assert record.body.startswith(b"{")


def test_bytes_that_are_no_message_are_kept_as_they_came(tmp_path: Path) -> None:
    recorder = ring(tmp_path, "jsonl")
    recorder.inbound_raw(b"{\xff not json")
    assert read(recorder).records[0].body == b"{\xff not json"


def test_pings_are_passed_over(tmp_path: Path) -> None:
    recorder = ring(tmp_path)
    recorder.inbound({"type": "ping", "seq": 1})
    recorder.outbound({"type": "pong", "seq": 1})
    assert recorder.path is None


def test_a_body_that_is_too_large_is_counted_and_left_out(tmp_path: Path) -> None:
    recorder = ring(tmp_path)
    recorder.inbound({"type": "request", "id": 1}, bytes(MAX_RING_BODY_BYTES))
    recorder.inbound({"type": "request", "id": 2}, bytes(MAX_RING_BODY_BYTES + 1))
    first, second = read(recorder).records
    assert (len(first.body), first.omitted_bytes) == (MAX_RING_BODY_BYTES, 0)
    assert (len(second.body), second.omitted_bytes) == (0, MAX_RING_BODY_BYTES + 1)


@pytest.mark.parametrize(
    ("exit_code", "kept"),
    [(0, False), (3, False), (5, False), (143, False), (1, True), (4, True)],
    ids=["finished", "init failed", "client gone", "terminated", "defect", "wire fault"],
)
def test_the_ring_of_a_session_without_fault_is_removed(exit_code: int, kept: bool, tmp_path: Path) -> None:
    recorder = ring(tmp_path)
    recorder.inbound({"type": "request", "id": 1})
    path = recorder.path
    assert path
    recorder.close(exit_code)
    recorder.close(exit_code)
    assert path.exists() is kept
    if kept:
        assert read_recording(path).exit_code == exit_code


def test_the_file_of_record_stays(tmp_path: Path) -> None:
    recorder = open_recorder(tmp_path / "a.rec", cache=tmp_path, wire="frames", arguments=[])
    recorder.close(0)
    assert read_recording(tmp_path / "a.rec").exit_code == 0


def test_off_means_no_ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_FLIGHT_RECORDER", "off")
    recorder = ring(tmp_path)
    recorder.inbound({"type": "request", "id": 1})
    assert (recorder.path, list(tmp_path.iterdir())) == (None, [])


def test_without_a_cache_there_is_no_ring_and_no_fault() -> None:
    recorder = open_recorder(None, cache=None, wire="frames", arguments=[])
    recorder.inbound({"type": "request", "id": 1})
    recorder.close(0)
    assert recorder.path is None


@pytest.mark.parametrize("record", [True, False], ids=["--record", "ring"])
def test_what_cannot_be_written_is_one_warning_and_no_fault(record: bool, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said: list[str] = []
    place = tmp_path / "file" / "x"
    recorder = open_recorder(place if record else None, cache=place, wire="frames", arguments=[], warn=said.append)
    for number in (1, 2):
        recorder.inbound({"type": "request", "id": number})
    recorder.close(0)
    assert len(said) == 1
    assert str(place) in said[0]


def test_threads_do_not_interleave_their_records(tmp_path: Path) -> None:
    recorder = ring(tmp_path)

    def send(first: int) -> None:
        for number in range(first, first + 100):
            recorder.inbound({"type": "request", "id": number}, b"%d" % number * 50)

    threads = [threading.Thread(target=send, args=(first,)) for first in (1, 1001, 2001)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recording = read(recorder)
    assert len(recording.records) == 300
    assert not recording.torn
    assert all(record.body == b"%d" % record.message["id"] * 50 for record in recording.records)


def test_a_message_that_json_cannot_say_is_recorded_all_the_same(tmp_path: Path) -> None:
    recorder = ring(tmp_path)
    recorder.outbound({"type": "result", "id": 1, "value": {1: object()}})
    assert read(recorder).records[0].message["id"] == 1
