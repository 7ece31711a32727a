"""poses.jsonl: a header line, then one line per frame (protocol/schema/files)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from sidecar.pose.person import Person
from sidecar.pose.skeleton import Skeleton
from sidecar.video.identity import SCHEMA_VERSION
from sidecar.video.people import FramePeople

# Far below what any model resolves, and the same bytes wherever the same poses are written.
PIXEL_DECIMALS = 3
WORLD_DECIMALS = 5  # metres
SCORE_DECIMALS = 4
TIME_DECIMALS = 6

_KEYPOINT_DECIMALS = (PIXEL_DECIMALS, PIXEL_DECIMALS, PIXEL_DECIMALS, SCORE_DECIMALS)
_WORLD_DECIMALS = (WORLD_DECIMALS,) * 3


class BrokenPose(ValueError):
    """An estimator answered what no result file may hold: a number that is not finite, or a wrong shape."""

    code = "INFERENCE_FAILED"


def header_line(
    *,
    source: Mapping[str, Any],
    fps: float | None,
    width: int,
    height: int,
    rotation: int,
    skeleton: Skeleton,
    digests: Mapping[str, str],
    options: Mapping[str, Any],
) -> bytes:
    """The first line. Everything in it follows from the source's content and from what changes results."""
    return _line(
        {
            "schema_version": SCHEMA_VERSION,
            "source": source,
            "fps": None if fps is None else round(fps, TIME_DECIMALS),
            "size": {"width": width, "height": height},
            "rotation": rotation,
            "skeleton": {
                "name": skeleton.name,
                "keypoints": skeleton.keypoints,
                "edges": skeleton.edges,
                "has_z": skeleton.has_z,
                "has_world": skeleton.has_world,
            },
            "estimator": options["estimator"],
            "detector": options["detector"],
            "digests": digests,
            "options": options,
        }
    )


def frame_line(frame: FramePeople, *, keypoints: int) -> bytes:
    """One frame's line.

    Args:
        frame: people with their ids.
        keypoints: how many each person has.

    Raises:
        BrokenPose: a person's arrays have another shape, or a number is not finite.
    """
    try:
        persons = [_person(person, keypoints) for person in frame.people]
    except BrokenPose as error:
        raise BrokenPose(f"frame {frame.index}: {error}") from None
    return _line({"frame": frame.index, "time_s": round(frame.time_s, TIME_DECIMALS), "persons": persons})


def _person(person: Person, keypoints: int) -> dict[str, Any]:
    rows = _rounded(person.keypoints, (keypoints, 4), _KEYPOINT_DECIMALS, "keypoints")
    corners = [*rows[:, :2].min(axis=0).tolist(), *rows[:, :2].max(axis=0).tolist()]
    world = person.keypoints_world
    if world is not None:
        world_rows = _rounded(world, (keypoints, 3), _WORLD_DECIMALS, "keypoints_world").tolist()
    return {
        "id": person.id,
        "score": round(float(person.score), SCORE_DECIMALS),
        "provenance": person.provenance,
        "bbox_xyxy": corners,
        "keypoints": rows.tolist(),
        "keypoints_world": None if world is None else world_rows,
    }


def _rounded(
    array: NDArray[np.float32], shape: tuple[int, int], decimals: tuple[int, ...], name: str
) -> NDArray[np.float64]:
    if array.shape != shape:
        raise BrokenPose(f"{name} must have shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise BrokenPose(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    scale = 10.0 ** np.array(decimals)
    rounded: NDArray[np.float64] = np.rint(array.astype(np.float64) * scale) / scale
    return rounded + 0.0  # turns -0.0 into 0.0


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
