"""A file's frames as people in our units, copies still among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.phalp import camera
from sidecar.phalp.errors import TracksError
from sidecar.phalp.fields import Fields
from sidecar.phalp.skeletons import BOX_CORNERS
from sidecar.pose.region import Region
from sidecar.pose.skeleton import OPENPOSE_25, Skeleton

MAX_FRAMES = 10_000_000
REQUIRED = ("tid", "bbox", "conf", "3d_joints", "camera")
OPTIONAL = ("tracked_time", "2d_joints", "center", "scale")
JOINTS = 45  # in the file; the first 25 are OpenPose's
RIGHT_HIP, LEFT_HIP = OPENPOSE_25.index("right_hip"), OPENPOSE_25.index("left_hip")

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """One person of one frame.

    Attributes:
        tid: the tracker's id.
        unseen: frames since the tracker saw the person: 0 seen here, more is a copy, less was filled in afterwards.
        box_xyxy: the detector's box, px.
        score: the detector's confidence, in [0, 1].
        keypoints: (K, 4) rows [x, y, z, visibility], px.
        world: (K, 3) metres, hip-centred; None for boxes.
        region: what the tracker cut out; None where it did not say.
    """

    tid: int
    unseen: int
    box_xyxy: Rows
    score: float
    keypoints: Rows
    world: Rows | None = None
    region: Region | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrackFile:
    """All frames of a file in order.

    Attributes:
        width, height: px of the frames; None where the file does not say.
    """

    skeleton: Skeleton
    frames: list[list[Tracked]] = field(repr=False)
    width: int | None
    height: int | None


def read_tracks(value: object) -> TrackFile:
    """Recognise what a joblib file held: results of the tracker, or a list of true boxes.

    Raises:
        TracksError: it is neither, or a field is wrong.
    """
    if not isinstance(value, dict) or not value:
        raise TracksError(f"the file must hold a dict of frames, got {type(value).__name__ if value else 'nothing'}")
    if len(value) > MAX_FRAMES:
        raise TracksError(f"the file has {len(value)} frames, over the limit of {MAX_FRAMES}")
    frames = [Fields(number, frame) for number, frame in enumerate(value.values())]
    if all(frame.has("gt_bbox") for frame in frames):
        return TrackFile(BOX_CORNERS, [_boxes(frame) for frame in frames], None, None)
    if not any(frame.has("tid") for frame in frames):
        raise TracksError("the frames have neither tid nor gt_bbox: these are no tracks")
    sizes = {size for frame in frames for size in _sizes(frame)}
    if len(sizes) > 1:
        raise TracksError(f"frames of different sizes: {' and '.join(map(str, sorted(sizes)[:2]))}")
    if not sizes:
        raise TracksError("nobody was tracked in any frame, so there is nothing to import")
    [(height, width)] = sizes
    people = [_people(frame, width, height) for frame in frames]
    return TrackFile(OPENPOSE_25, people, width, height)


def _boxes(frame: Fields) -> list[Tracked]:
    boxes = frame.column("gt_bbox")
    ids = frame.inner("extra_data").column("gt_track_id", len(boxes))
    return [
        Tracked(frame.whole("gt_track_id", tid), 0, corners, 1.0, _as_corners(corners))
        for tid, corners in zip(ids, (_xyxy(frame, "gt_bbox", box) for box in boxes), strict=True)
    ]


def _xyxy(frame: Fields, name: str, box: object) -> Rows:
    x, y, width, height = frame.array(name, box, 4).tolist()
    if width < 0 or height < 0:
        raise frame.wrong(name, f"must be x, y, width, height with sizes from 0, got {width:g} x {height:g}")
    return np.array([x, y, x + width, y + height])


def _as_corners(box: Rows) -> Rows:
    left, top, right, bottom = box.tolist()
    return np.array([[left, top, 0, 1], [right, top, 0, 1], [right, bottom, 0, 1], [left, bottom, 0, 1]], np.float64)


def _sizes(frame: Fields) -> set[tuple[int, int]]:
    count = _count(frame)
    found = set()
    for size in frame.column("size", count) if count else ():
        height, width = frame.array("size", size, 2).tolist()
        if not (height >= 1 and width >= 1 and height.is_integer() and width.is_integer()):
            raise frame.wrong("size", f"must be height and width in px, got {height:g} and {width:g}")
        found.add((int(height), int(width)))
    return found


def _count(frame: Fields) -> int:
    return len(frame.column("tid")) if frame.has("tid") else 0


def _people(frame: Fields, width: int, height: int) -> list[Tracked]:
    count = _count(frame)
    if not count:
        return []
    columns = {name: frame.column(name, count) for name in REQUIRED}
    columns |= {name: frame.column(name, count) for name in OPTIONAL if frame.has(name)}
    rows = [{name: values[at] for name, values in columns.items()} for at in range(count)]
    return [_person(frame, row, width, height) for row in rows]


def _person(frame: Fields, row: Mapping[str, Any], width: int, height: int) -> Tracked:
    score = frame.share("conf", row["conf"])
    body, points, depths = _joints(frame, row, width, height)
    # The tracker judges people and not joints: each is as sure as its person.
    keypoints = np.column_stack([points, depths, np.full(len(points), score)])
    return Tracked(
        tid=frame.whole("tid", row["tid"]),
        unseen=frame.whole("tracked_time", row.get("tracked_time", 0)),
        box_xyxy=_xyxy(frame, "bbox", row["bbox"]),
        score=score,
        keypoints=keypoints,
        world=body,
        region=_region(frame, row, width, height),
    )


def _joints(frame: Fields, row: Mapping[str, Any], width: int, height: int) -> tuple[Rows, Rows, Rows]:
    """Joints in metres, hip-centred; in px; and their depth in px."""
    count = len(OPENPOSE_25.keypoints)
    body = frame.array("3d_joints", row["3d_joints"], JOINTS * 3).reshape(JOINTS, 3)[:count]
    place = frame.array("camera", row["camera"], 3)
    root = (body[RIGHT_HIP] + body[LEFT_HIP]) / 2
    try:
        depths = camera.depth_px(body, place, root=root, width=width, height=height)
        if "2d_joints" in row:
            square = frame.array("2d_joints", row["2d_joints"], JOINTS * 2).reshape(JOINTS, 2)[:count]
            points = camera.from_square(square, width=width, height=height)
        else:
            points = camera.project(body, place, width=width, height=height)
    except ValueError as error:
        raise frame.wrong("camera", f"does not fit 3d_joints: {error}") from error
    return body - root, points, depths


def _region(frame: Fields, row: Mapping[str, Any], width: int, height: int) -> Region | None:
    if "center" not in row or "scale" not in row:
        return None
    x, y = frame.array("center", row["center"], 2).tolist()
    [scale] = frame.array("scale", [row["scale"]], 1).tolist()
    size = camera.scale_px(scale, width=width, height=height)
    return Region(x, y, size) if size > 0 else None
