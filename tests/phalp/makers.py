"""Files as the previous service's tracker wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.restricted_pickle.joblib_writer import write_joblib

WIDTH, HEIGHT = 640, 360
FOCAL = 5000 / 256 * WIDTH
DEPTH_M = 60.0


def body(seed: int = 0) -> NDArray[np.float32]:
    """45 joints of a person of 1.7 m, in metres around the body's centre; the last is zero."""
    joints = np.random.default_rng(seed).uniform((-0.4, -0.85, -0.2), (0.4, 0.85, 0.2), (45, 3)).astype(np.float32)
    joints[44] = 0
    return joints


def entry(
    tid: int, x: float, y: float = 0.0, *, seed: int = 0, unseen: int = 0, conf: float = 0.9, **changes: Any
) -> dict[str, Any]:
    """One person whose body's centre is x, y metres right of and below the middle of the picture."""
    joints = body(seed)
    camera = np.array([x, y, DEPTH_M], np.float32)
    placed = (joints + camera).astype(np.float64)
    # In the square of 640 x 640 around the picture, in [0, 1].
    square = FOCAL * placed[:, :2] / placed[:, 2:] / WIDTH + 0.5
    pixels = square * WIDTH - (0, (WIDTH - HEIGHT) // 2)
    low, high = pixels[:25].min(axis=0) - 5, pixels[:25].max(axis=0) + 5
    person = {
        "tid": tid,
        "bbox": np.array([*low, *(high - low)], np.float32),
        "tracked_time": unseen,
        "center": ((low + high) / 2).astype(np.float32),
        "scale": float((high - low).max() / WIDTH),
        "size": [HEIGHT, WIDTH],
        "conf": np.float32(conf),
        "camera": camera,
        "camera_bbox": np.array([0.9, 0, 0], np.float32),
        "3d_joints": joints,
        "2d_joints": square.astype(np.float32).ravel(),
        "class_name": np.int64(0),
        "annotations": [],
        "mask": [{"size": [HEIGHT, WIDTH], "counts": "PPd3"}],
        "smpl": {"betas": np.zeros(10, np.float32), "body_pose": np.zeros((23, 3, 3), np.float32)},
        "extra_data": 0,
    }
    return person | changes


def frozen(person: dict[str, Any], unseen: int) -> dict[str, Any]:
    """The copy that the tracker writes for a person it does not see."""
    return person | {"tracked_time": unseen}


def frames_of(people: Iterable[Sequence[dict[str, Any]]]) -> dict[Any, Any]:
    """The dict of frames, one list per field and frame."""
    keys = list(entry(1, 0.0))
    return {
        f"/out/_DEMO/rider/img/{number + 1:06d}.jpg": {
            "time": number,
            "shot": 0,
            "frame_path": f"/out/_DEMO/rider/img/{number + 1:06d}.jpg",
            "tracked_ids": [person["tid"] for person in persons if person["tracked_time"] == 0],
            **{key: [person[key] for person in persons if key in person] for key in keys},
        }
        for number, persons in enumerate(people)
    }


def write_file(path: Path, people: Iterable[Sequence[dict[str, Any]]]) -> Path:
    return write_joblib(path, frames_of(people))


def walk(tid: int, count: int, *, speed: float = 0.02, seed: int = 0) -> list[dict[str, Any]]:
    """A person who goes right by `speed` metres a frame, posture changing slowly."""
    return [entry(tid, -1.0 + speed * number, seed=seed) for number in range(count)]
