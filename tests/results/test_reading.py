"""Result directories are read line by line, and whatever is wrong with one is named with its place."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from sidecar.results.errors import ResultError
from sidecar.results.reading import open_result
from tests.results.makers import make_frames, make_header, make_person, make_summary, write_result


def test_fields_that_older_and_newer_writers_leave_out_or_add_are_no_fault(tmp_path: Path) -> None:
    plain = make_person(surprise={"a": 1})
    rich = make_person(provenance="interpolated", distance=3, keypoints_raw=make_person(seed=2)["keypoints"])
    result = open_result(write_result(tmp_path, make_frames([[plain], [rich], []]), header=make_header(more=1)))
    first, second, third = result.frames()
    assert (first.persons[0].distance, first.persons[0].keypoints_raw, first.persons[0].is_filled) == (0, None, False)
    assert (second.persons[0].distance, second.persons[0].is_filled) == (3, True)
    raw = second.persons[0].keypoints_raw
    assert raw is not None
    assert raw.tolist() == rich["keypoints_raw"]
    assert third.persons == ()
    assert result.summary is None
    assert result.name == tmp_path.name


def test_frames_can_be_read_twice(tmp_path: Path) -> None:
    result = open_result(write_result(tmp_path, make_frames([[make_person()]] * 3)))
    assert [f.time_s for f in result.frames()] == [f.time_s for f in result.frames()] == [0.0, 0.033333, 0.066667]


def test_memory_does_not_grow_with_the_video(tmp_path: Path) -> None:
    write_result(tmp_path, make_frames([make_person(seed=seed)] for seed in range(10)))
    lines = (tmp_path / "poses.jsonl").read_bytes().splitlines(keepends=True)
    with (tmp_path / "poses.jsonl").open("wb") as file:
        file.write(lines[0])
        person = orjson.loads(lines[1])["persons"]
        for index in range(5000):
            file.write(orjson.dumps({"frame": index, "time_s": index / 30, "persons": person}) + b"\n")
    size = (tmp_path / "poses.jsonl").stat().st_size
    tracemalloc.start()
    try:
        assert sum(len(frame.persons) for frame in open_result(tmp_path).frames()) == 5000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < size / 10


def _no_folder(folder: Path) -> Path:
    return folder / "nowhere"


def _a_file(folder: Path) -> Path:
    (folder / "clip.mp4").write_bytes(b"x")
    return folder / "clip.mp4"


def _folder_of_results(folder: Path) -> Path:
    write_result(folder / "video_00", [])
    return folder


def _poses(content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "poses.jsonl").write_bytes(content)
        return folder

    return make


def _header(**changes: Any) -> Callable[[Path], Path]:
    return _poses(orjson.dumps(make_header(**changes)) + b"\n")


def _skeleton(**changes: Any) -> Callable[[Path], Path]:
    header = make_header()
    return _poses(orjson.dumps(header | {"skeleton": header["skeleton"] | changes}) + b"\n")


@pytest.mark.parametrize(
    ("make", "reason", "says"),
    [
        (_no_folder, "missing", "nowhere does not exist"),
        (_a_file, "missing", "clip.mp4 is a file"),
        (lambda folder: folder, "missing", "holds no poses.jsonl"),
        (_folder_of_results, "missing", "holds no poses.jsonl"),
        (_poses(b""), "truncated", "is empty"),
        (_poses(b'{"schema_version":1'), "truncated", "line 1 has no end"),
        (_poses(b"\x00\xff\n"), "damaged", "line 1 is not JSON"),
        (_poses(b"[" * 5000 + b"\n"), "damaged", "line 1 is not JSON"),
        (_poses(b'{"a":1}\n'), "foreign", "line 1 is not the header"),
        (_poses(b"[1,2]\n"), "foreign", "line 1 is not the header"),
        (_header(schema_version=2), "newer", "schema_version is 2"),
        (_header(schema_version="1"), "damaged", "got '1'"),
        (_header(schema_version=True), "damaged", "got True"),
        (_header(fps=0), "damaged", "fps must be"),
        (_header(size={"width": 640}), "damaged", "'height' is missing"),
        (_header(size={"width": 640, "height": 0}), "damaged", "height must be 1 to"),
        (_header(size=[640, 360]), "damaged", "size must be dict"),
        (_header(rotation=None), "damaged", "rotation must be int"),
        (_skeleton(**{"keypoints": []}), "damaged", "skeleton.keypoints must be 1 to"),
        (_skeleton(**{"keypoints": ["a", 1]}), "damaged", "skeleton.keypoints must be"),
        (_skeleton(**{"edges": [[0, 33]]}), "damaged", "indices below 33, got [0, 33]"),
        (_skeleton(**{"edges": [7]}), "damaged", "indices below 33, got 7"),
    ],
)
def test_a_directory_that_is_none_is_named(tmp_path: Path, make: Any, reason: str, says: str) -> None:
    with pytest.raises(ResultError) as caught:
        open_result(make(tmp_path))
    assert caught.value.reason == reason
    assert says in str(caught.value)
    assert caught.value.hint


def test_a_folder_of_results_names_one(tmp_path: Path) -> None:
    with pytest.raises(ResultError) as caught:
        open_result(_folder_of_results(tmp_path))
    assert "video_00" in caught.value.hint


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"7\n", "a frame must be an object"),
        (b'{"frame":1}\n', "'persons' is missing"),
        (b'{"frame":2,"time_s":0,"persons":[]}\n', "frame must be 1, got 2"),
        (b'{"frame":1.5,"time_s":0,"persons":[]}\n', "frame must be a whole number from 0, got 1.5"),
        (b'{"frame":true,"time_s":0,"persons":[]}\n', "got True"),
        (b'{"frame":1,"time_s":"0","persons":[]}\n', "time_s must be a finite number"),
        (b'{"frame":1,"time_s":NaN,"persons":[]}\n', "is not JSON"),
        (b'{"frame":1,"time_s":0,"persons":{}}\n', "persons must be a list"),
        (b'{"frame":1,"time_s":0,"persons":[null]}\n', "a person must be an object"),
        ({"id": 0}, "id must be a whole number from 1, got 0"),
        ({"provenance": "guessed"}, "provenance must be one of detected, low_score, interpolated, predicted"),
        ({"provenance": ["detected"]}, "provenance must be one of"),
        ({"score": None}, "score must be a finite number"),
        ({"bbox_xyxy": [1, 2, 3]}, "bbox_xyxy must have shape (1, 4), got (1, 3)"),
        ({"keypoints": [[0, 0, 0, 1]] * 17}, "keypoints must have shape (33, 4), got (17, 4)"),
        ({"keypoints": [[0, 0, 0, 1]] * 32 + [[0]]}, "keypoints must have shape (33, 4)"),
        ({"keypoints": [[0, 0, 0, "1"]] * 33}, "keypoints must hold finite numbers only"),
        ({"keypoints": [[0, 0, 0, None]] * 33}, "keypoints must hold finite numbers only"),
        ({"keypoints_world": [[0, 0]] * 33}, "keypoints_world must have shape (33, 3)"),
        ({"keypoints_raw": 5}, "keypoints_raw must have shape (33, 4)"),
        ({"distance": -1}, "distance must be a whole number from 0, got -1"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(tmp_path: Path, line: bytes | dict[str, Any], says: str) -> None:
    write_result(tmp_path, make_frames([[]]))
    if isinstance(line, dict):
        line = orjson.dumps({"frame": 1, "time_s": 0.0, "persons": [make_person(**line)]}) + b"\n"
    with (tmp_path / "poses.jsonl").open("ab") as file:
        file.write(line)
    frames = open_result(tmp_path).frames()
    assert next(frames).index == 0
    with pytest.raises(ResultError) as caught:
        next(frames)
    assert "poses.jsonl, line 3" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("cut", [1, 100, 700])
def test_a_truncated_file_gives_its_whole_frames_and_then_says_so(tmp_path: Path, cut: int) -> None:
    write_result(tmp_path, make_frames([[make_person()]] * 5))
    path = tmp_path / "poses.jsonl"
    os.truncate(path, path.stat().st_size - cut)
    frames = open_result(tmp_path).frames()
    assert [next(frames).index for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ResultError, match="is truncated: line 6 has no end"):
        next(frames)


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.results.reading.MAX_LINE_BYTES", 5000)
    (tmp_path / "poses.jsonl").write_bytes(b" " * 100_000)
    with pytest.raises(ResultError, match="line 1 is longer than 5000 bytes"):
        open_result(tmp_path)


@pytest.mark.parametrize(("content", "says"), [(b"{", "is not JSON"), (b"[]", "must hold an object, got list")])
def test_a_wrong_summary_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    write_result(tmp_path, [])
    (tmp_path / "summary.json").write_bytes(content)
    with pytest.raises(ResultError, match=says):
        open_result(tmp_path)


def test_a_summary_without_a_name_falls_back_to_the_directory(tmp_path: Path) -> None:
    for source in (None, {}, {"name": ""}, {"name": 3}):
        write_result(tmp_path, [], summary=make_summary(source=source))
        assert open_result(tmp_path).name == tmp_path.name
