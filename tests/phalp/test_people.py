"""The fields of the tracker's file in our units, and every wrong one by its name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sidecar.phalp.errors import TracksError
from sidecar.phalp.people import read_tracks
from tests.phalp.makers import DEPTH_M, FOCAL, HEIGHT, WIDTH, body, entry, frames_of


def only(person: dict[str, Any]) -> Any:
    [[tracked]] = read_tracks(frames_of([[person]])).frames
    return tracked


def test_boxes_get_corners_and_scales_pixels() -> None:
    person = entry(7, 0.5, bbox=np.array([10, 20, 30, 40], np.float32), scale=0.25, center=np.array([25.0, 40.0]))
    tracked = only(person)
    assert tracked.box_xyxy.tolist() == [10, 20, 40, 60]
    assert (tracked.region.cx, tracked.region.cy, tracked.region.size) == (25, 40, 160)
    assert (tracked.tid, tracked.unseen) == (7, 0)


def test_joints_are_pixels_and_metres_from_the_hips() -> None:
    tracked = only(entry(1, 0.5, -0.25, conf=0.75))
    placed = body()[:25].astype(np.float64) + np.array([0.5, -0.25, DEPTH_M])
    expected = FOCAL * placed[:, :2] / placed[:, 2:] + (WIDTH / 2, HEIGHT / 2)
    assert np.abs(tracked.keypoints[:, :2] - expected).max() < 1e-3
    assert np.abs((tracked.world[9] + tracked.world[12]) / 2).max() < 1e-6
    assert np.abs(np.diff(tracked.world, axis=0) - np.diff(body()[:25], axis=0)).max() < 1e-6
    assert set(tracked.keypoints[:, 3]) == {0.75}


def test_without_2d_joints_the_camera_says_the_same() -> None:
    person = entry(1, 0.5, -0.25)
    bare = {key: value for key, value in person.items() if key not in ("2d_joints", "center", "scale", "tracked_time")}
    frame = {key: [value] for key, value in bare.items()}
    [[tracked]] = read_tracks({"a.jpg": frame}).frames
    assert np.abs(tracked.keypoints - only(person).keypoints).max() < 1e-3
    assert tracked.region is None


def test_frames_without_people_and_keys_that_are_tuples_are_fine() -> None:
    file = read_tracks({("video.mp4", 0): {"tid": []}, ("video.mp4", 1): {}, **frames_of([[entry(1, 0)]])})
    assert [len(people) for people in file.frames] == [0, 0, 1]
    assert (file.width, file.height, file.skeleton.name) == (WIDTH, HEIGHT, "openpose_25")


def test_true_boxes_are_people_of_four_corners() -> None:
    frame = {"gt_bbox": np.array([[1, 2, 3, 4]], np.float32), "extra_data": {"gt_track_id": np.array([5])}}
    file = read_tracks({"a": frame, "b": {"gt_bbox": np.zeros((0, 4)), "extra_data": {"gt_track_id": []}}})
    assert [[person.tid for person in people] for people in file.frames] == [[5], []]
    assert file.frames[0][0].keypoints[:, :2].tolist() == [[1, 2], [4, 2], [4, 6], [1, 6]]
    assert (file.skeleton.name, file.width) == ("box_corners", None)


NAN = float("nan")
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an id in words": ({"tid": "one"}, "tid must be a whole number, got 'one'"),
    "half an id": ({"tid": 1.5}, "tid must be a whole number, got 1.5"),
    "a true id": ({"tid": True}, "tid must be a whole number, got True"),
    "a box of three": ({"bbox": np.zeros(3)}, "bbox must hold 4 numbers, got 3 of float64"),
    "a box of words": ({"bbox": ["a", "b", "c", "d"]}, "bbox must hold 4 numbers"),
    "a ragged box": ({"bbox": [[1, 2], [3]]}, "bbox must hold 4 numbers"),
    "a box from inside out": ({"bbox": [10, 10, -4, 4]}, "sizes from 0, got -4 x 4"),
    "a box without a place": ({"bbox": [NAN, 0, 1, 1]}, "bbox must be finite and at most 16777216, got nan"),
    "a box at the end of the world": ({"bbox": [0, 0, 1e30, 1]}, "got 1e+30"),
    "too sure": ({"conf": 1.5}, "conf must be a number from 0 to 1, got 1.5"),
    "not sure at all": ({"conf": np.float32(NAN)}, "conf must be a number from 0 to 1, got nan"),
    "joints of another model": ({"3d_joints": np.zeros((24, 3))}, "3d_joints must hold 135 numbers, got 72"),
    "infinite joints": ({"3d_joints": np.full((45, 3), np.inf)}, "3d_joints must be finite"),
    "flat joints of another model": ({"2d_joints": np.zeros(88)}, "2d_joints must hold 90 numbers"),
    "behind the camera": ({"camera": [0, 0, -90]}, "camera does not fit 3d_joints: the hips lie at depth -89"),
    "no size": ({"size": [0, 640]}, "size must be height and width in px, got 0 and 640"),
    "half a size": ({"size": [360.5, 640]}, "size must be height and width"),
    "a centre of one": ({"center": [1.0]}, "center must hold 2 numbers"),
    "a scale in words": ({"scale": "large"}, "scale must hold 1 numbers"),
    "a time in words": ({"tracked_time": "now"}, "tracked_time must be a whole number"),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_field_is_named_with_its_frame(change: dict[str, Any], says: str) -> None:
    with pytest.raises(TracksError) as caught:
        read_tracks(frames_of([[entry(1, 0)], [entry(1, 0) | change]]))
    assert str(caught.value).startswith("frame 1: ")
    assert says in str(caught.value)


def _with(**fields: Any) -> dict[str, Any]:
    [frame] = frames_of([[entry(1, 0), entry(2, 1)]]).values()
    return {"a.jpg": frame | fields}


FILES: dict[str, tuple[Any, str]] = {
    "a list": ([1, 2], "must hold a dict of frames, got list"),
    "nothing": ({}, "got nothing"),
    "a frame that is a list": ({"a": []}, "frame 0 must be a dict, got list"),
    "something else": ({"a": {"pose": 1}}, "neither tid nor gt_bbox"),
    "a field less": (_with(conf=[0.5]), "frame 0: conf must have 2 values, got 1"),
    "a field that is no list": (_with(bbox=5), "frame 0: bbox must be a list, got int"),
    "a field that is a dict": (_with(bbox={}), "frame 0: bbox must be a list, got dict"),
    "a field that is absent": (_with(camera=None), "frame 0: camera must be a list, got NoneType"),
    "two sizes": (_with(size=[[360, 640], [720, 1280]]), "frames of different sizes: (360, 640) and (720, 1280)"),
    "nobody at all": ({"a": {"tid": []}}, "nobody was tracked in any frame"),
    "boxes without ids": ({"a": {"gt_bbox": np.zeros((1, 4)), "extra_data": {}}}, "gt_track_id must be a list"),
    "boxes and other ids": (
        {"a": {"gt_bbox": np.zeros((1, 4)), "extra_data": {"gt_track_id": [1, 2]}}}, "must have 1 values, got 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("value", "says"), FILES.values(), ids=FILES)
def test_a_file_of_something_else_is_told(value: Any, says: str) -> None:
    with pytest.raises(TracksError) as caught:
        read_tracks(value)
    assert says in str(caught.value)
    assert caught.value.hint
