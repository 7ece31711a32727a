"""Frames of imported people as lines of poses.jsonl, with the tracker's own boxes."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from sidecar.phalp.refill import box_of, without_box
from sidecar.pose.person import Person
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import PIXEL_DECIMALS, SCORE_DECIMALS, TIME_DECIMALS, WORLD_DECIMALS

_KEYPOINT_DECIMALS = (PIXEL_DECIMALS, PIXEL_DECIMALS, PIXEL_DECIMALS, SCORE_DECIMALS)


def frame_line(frame: FramePeople) -> bytes:
    """One frame's line; its people are those of `refill`."""
    value = {
        "frame": frame.index,
        "time_s": round(frame.time_s, TIME_DECIMALS),
        "persons": [_person(person) for person in frame.people],
    }
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _person(person: Person) -> dict[str, Any]:
    bare = without_box(person)
    world = bare.keypoints_world
    return {
        "id": bare.id,
        "score": round(float(bare.score), SCORE_DECIMALS),
        "provenance": bare.provenance,
        "distance": bare.distance,
        "bbox_xyxy": [round(side, PIXEL_DECIMALS) for side in box_of(person)],
        "keypoints": _rounded(bare.keypoints, _KEYPOINT_DECIMALS),
        "keypoints_world": None if world is None else _rounded(world, (WORLD_DECIMALS,) * 3),
    }


def _rounded(rows: NDArray[np.float32], decimals: tuple[int, ...]) -> list[list[float]]:
    scale = 10.0 ** np.array(decimals)
    rounded = np.rint(rows.astype(np.float64) * scale) / scale + 0.0  # turns -0.0 into 0.0
    numbers: list[list[float]] = rounded.tolist()
    return numbers
