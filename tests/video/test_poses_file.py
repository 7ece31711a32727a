"""Lines of poses.jsonl: rounded, finite, always the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sidecar.video.people import FramePeople
from sidecar.video.poses_file import BrokenPose, frame_line
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
