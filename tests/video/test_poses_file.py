"""Lines of poses.jsonl: rounded, finite, always the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sidecar.video.people import FramePeople
from sidecar.video.poses_file import BrokenPose, frame_line, read_frames, require_sound
from tests.tracking.makers import make_person

K = 33


def test_a_frame_without_people_has_its_line() -> None:
    assert frame_line(FramePeople(7, 0.28, ()), keypoints=K) == b'{"frame":7,"time_s":0.28,"persons":[]}\n'


def test_numbers_are_rounded_and_the_box_is_the_hull_of_what_is_written() -> None:
    person = make_person(100.123456, 50, score=0.87654321)
    person.keypoints[0] = (10.00049, -3.00051, -0.0001, 0.123456)
    (written,) = json.loads(frame_line(FramePeople(0, 1 / 3, (person,)), keypoints=K))["persons"]
    assert written["keypoints"][0] == [10.0, -3.001, 0.0, 0.1235]
    assert written["score"] == 0.8765
    xs, ys = ([row[axis] for row in written["keypoints"]] for axis in (0, 1))
    assert written["bbox_xyxy"] == [min(xs), min(ys), max(xs), max(ys)]
    assert b"-0.0," not in frame_line(FramePeople(0, 0.0, (person,)), keypoints=K)


def test_a_person_without_world_keypoints_has_null() -> None:
    person = replace(make_person(), keypoints_world=None)
    assert b'"keypoints_world":null' in frame_line(FramePeople(0, 0.0, (person,)), keypoints=K)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused_by_name(value: float) -> None:
    person = make_person()
    person.keypoints[5, 1] = value
    with pytest.raises(BrokenPose, match=f"frame 3: keypoints must be finite, got {value}"):
        frame_line(FramePeople(3, 0.0, (person,)), keypoints=K)


def test_a_wrong_shape_is_refused_by_name() -> None:
    with pytest.raises(BrokenPose, match=r"keypoints must have shape \(17, 4\), got \(33, 4\)"):
        frame_line(FramePeople(0, 0.0, (make_person(),)), keypoints=17)


def test_the_distance_to_the_nearest_sighting_is_written() -> None:
    person = replace(make_person(), provenance="interpolated", distance=4)
    (written,) = json.loads(frame_line(FramePeople(0, 0.0, (person,)), keypoints=K))["persons"]
    assert (written["provenance"], written["distance"]) == ("interpolated", 4)


def test_raw_keypoints_are_written_only_on_request_and_null_where_there_are_none() -> None:
    seen = replace(make_person(), keypoints_raw=make_person(200).keypoints)
    frame = FramePeople(0, 0.0, (seen, make_person()))
    assert b"keypoints_raw" not in frame_line(frame, keypoints=K)
    first, second = json.loads(frame_line(frame, keypoints=K, keep_raw=True))["persons"]
    assert first["keypoints_raw"][0][0] == pytest.approx(170)
    assert second["keypoints_raw"] is None


def test_raw_keypoints_must_be_sound_too() -> None:
    person = replace(make_person(), keypoints_raw=np.full((K, 4), np.nan, np.float32))
    with pytest.raises(BrokenPose, match="frame 2: keypoints_raw must be finite, got nan"):
        frame_line(FramePeople(2, 0.0, (person,)), keypoints=K, keep_raw=True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"keypoints": np.zeros((17, 4), np.float32)}, r"keypoints must have shape \(33, 4\), got \(17, 4\)"),
        ({"keypoints_world": np.full((33, 3), np.inf, np.float32)}, "keypoints_world must be finite, got inf"),
        ({"keypoints_world": np.zeros((33, 4), np.float32)}, r"keypoints_world must have shape \(33, 3\)"),
        ({"score": 1.2}, "score must be from 0 to 1, got 1.2"),
        ({"score": float("nan")}, "score must be from 0 to 1, got nan"),
    ],
)
def test_people_are_checked_before_they_are_linked(changes: dict[str, object], says: str) -> None:
    require_sound(make_person(), K, frame=0)
    with pytest.raises(BrokenPose, match=f"frame 9: {says}"):
        require_sound(replace(make_person(), **changes), K, frame=9)  # type: ignore[arg-type]


def test_what_was_written_is_read_for_drawing(tmp_path: Path) -> None:
    person = replace(make_person(), id=3, provenance="predicted", distance=2, score=0.25)
    path = tmp_path / "poses.jsonl"
    lines = [frame_line(FramePeople(n, n / 4, (person,) * n), keypoints=K) for n in range(3)]
    path.write_bytes(b"{}\n" + b"".join(lines))
    frames = list(read_frames(path))
    assert [(frame.index, frame.time_s, len(frame.people)) for frame in frames] == [
        (0, 0, 0),
        (1, 0.25, 1),
        (2, 0.5, 2),
    ]
    (read,) = frames[1].people
    assert (read.id, read.provenance, read.distance, read.score) == (3, "predicted", 2, 0.25)
    assert read.keypoints == pytest.approx(person.keypoints, abs=1e-3)
