"""poses.jsonl: a header line, then one line per frame (protocol/schema/files)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
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


def header(
    *,
    source: Mapping[str, Any],
    fps: float | None,
    width: int,
    height: int,
    rotation: int,
    skeleton: Skeleton,
    digests: Mapping[str, str],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """What the first line says. Everything in it follows from the source's content and from what changes results."""
    return {
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


def header_line(facts: Mapping[str, Any]) -> bytes:
    """The first line, of what `header` gives."""
    return _line(facts)


def frame_line(frame: FramePeople, *, keypoints: int, keep_raw: bool = False) -> bytes:
    """One frame's line.

    Args:
        frame: people with their ids.
        keypoints: how many each person has.
        keep_raw: write `keypoints_raw` too: as they were found where that differs, null for people who were filled in.

    Raises:
        BrokenPose: a person's arrays have another shape, or a number is not finite.
    """
    try:
        persons = [_person(person, keypoints, keep_raw=keep_raw) for person in frame.people]
    except BrokenPose as error:
        raise BrokenPose(f"frame {frame.index}: {error}") from None
    return _line({"frame": frame.index, "time_s": round(frame.time_s, TIME_DECIMALS), "persons": persons})


def require_sound(person: Person, keypoints: int, *, frame: int) -> None:
    """Raise BrokenPose if a person's arrays have another shape, or a number is not finite."""
    try:
        _require_finite(person.keypoints, (keypoints, 4), "keypoints")
        if person.keypoints_world is not None:
            _require_finite(person.keypoints_world, (keypoints, 3), "keypoints_world")
        if not 0 <= person.score <= 1:
            raise BrokenPose(f"score must be from 0 to 1, got {person.score}")
    except BrokenPose as error:
        raise BrokenPose(f"frame {frame}: {error}") from None


def read_frames(path: Path) -> Iterator[FramePeople]:
    """The frames of a file that this program has just written, in order, as far as drawing needs them."""
    with path.open("rb") as lines:
        next(lines, None)  # the header
        for line in lines:
            frame = orjson.loads(line)
            yield FramePeople(frame["frame"], frame["time_s"], tuple(map(_read_person, frame["persons"])))


def _person(person: Person, keypoints: int, *, keep_raw: bool) -> dict[str, Any]:
    rows = _rounded(person.keypoints, (keypoints, 4), _KEYPOINT_DECIMALS, "keypoints")
    corners = [*rows[:, :2].min(axis=0).tolist(), *rows[:, :2].max(axis=0).tolist()]
    world = person.keypoints_world
    if world is not None:
        world_rows = _rounded(world, (keypoints, 3), _WORLD_DECIMALS, "keypoints_world").tolist()
    written = {
        "id": person.id,
        "score": round(float(person.score), SCORE_DECIMALS),
        "provenance": person.provenance,
        "distance": person.distance,
        "bbox_xyxy": corners,
        "keypoints": rows.tolist(),
        "keypoints_world": None if world is None else world_rows,
    }
    if keep_raw:
        raw = person.keypoints_raw
        raw_rows = None if raw is None else _rounded(raw, (keypoints, 4), _KEYPOINT_DECIMALS, "keypoints_raw").tolist()
        written["keypoints_raw"] = raw_rows
    return written


def _read_person(written: Mapping[str, Any]) -> Person:
    return Person(
        np.array(written["keypoints"], np.float32),
        written["score"],
        id=written["id"],
        provenance=written["provenance"],
        distance=written["distance"],
    )


def _rounded(
    array: NDArray[np.float32], shape: tuple[int, int], decimals: tuple[int, ...], name: str
) -> NDArray[np.float64]:
    _require_finite(array, shape, name)
    scale = 10.0 ** np.array(decimals)
    rounded: NDArray[np.float64] = np.rint(array.astype(np.float64) * scale) / scale
    return rounded + 0.0  # turns -0.0 into 0.0


def _require_finite(array: NDArray[np.float32], shape: tuple[int, int], name: str) -> None:
    if array.shape != shape:
        raise BrokenPose(f"{name} must have shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise BrokenPose(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
