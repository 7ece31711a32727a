"""One frame's line of poses.jsonl, checked against the skeleton of the header."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Provenance

PROVENANCES: tuple[Provenance, ...] = get_args(Provenance)
FILLED: frozenset[Provenance] = frozenset({"interpolated", "predicted"})
MAX_PERSONS = 10_000  # in one frame

Rows = NDArray[np.float64]


class BadFrame(ValueError):
    """A line is not the frame it should be; the message says what was expected and what came."""


@dataclass(frozen=True, slots=True, eq=False)
class ResultPerson:
    """One human in one frame, as the file tells.

    Attributes:
        id: track, >= 1; None for pictures.
        bbox_xyxy: px, unclipped.
        keypoints: (K, 4) rows [x, y, z, visibility], px.
        keypoints_world: (K, 3) metres, hip-centred; None where the model has none.
        distance: frames to the nearest observation of the track; 0 for observations, and where it was not kept.
        keypoints_raw: (K, 4) before cleaning; None where it was not kept.
    """

    id: int | None
    score: float
    provenance: Provenance
    bbox_xyxy: tuple[float, float, float, float]
    keypoints: Rows
    keypoints_world: Rows | None
    distance: int
    keypoints_raw: Rows | None

    @property
    def is_filled(self) -> bool:
        """Was it put between observations, and not seen?"""
        return self.provenance in FILLED


@dataclass(frozen=True, slots=True, eq=False)
class ResultFrame:
    """One decoded frame and its people, best first."""

    index: int
    time_s: float
    persons: tuple[ResultPerson, ...]


def read_frame(value: object, keypoints: int) -> ResultFrame:
    """Check a parsed line.

    Args:
        value: the parsed line.
        keypoints: how many each person must have.

    Raises:
        BadFrame: a field is missing or wrong.
    """
    if not isinstance(value, dict):
        raise BadFrame(f"a frame must be an object, got {type(value).__name__}")
    persons = _field(value, "persons")
    if not isinstance(persons, list) or len(persons) > MAX_PERSONS:
        raise BadFrame(f"persons must be a list of at most {MAX_PERSONS}")
    return ResultFrame(
        index=_whole("frame", _field(value, "frame"), least=0),
        time_s=_number("time_s", _field(value, "time_s")),
        persons=tuple(_person(person, keypoints) for person in persons),
    )


def _person(value: object, keypoints: int) -> ResultPerson:
    if not isinstance(value, dict):
        raise BadFrame(f"a person must be an object, got {type(value).__name__}")
    identity, provenance = _field(value, "id"), _field(value, "provenance")
    if provenance not in PROVENANCES:
        raise BadFrame(f"provenance must be one of {', '.join(PROVENANCES)}, got {provenance!r}")
    box = _rows("bbox_xyxy", [_field(value, "bbox_xyxy")], (1, 4))[0].tolist()
    world, raw = value.get("keypoints_world"), value.get("keypoints_raw")
    return ResultPerson(
        id=None if identity is None else _whole("id", identity, least=1),
        score=_number("score", _field(value, "score")),
        provenance=provenance,
        bbox_xyxy=(box[0], box[1], box[2], box[3]),
        keypoints=_rows("keypoints", _field(value, "keypoints"), (keypoints, 4)),
        keypoints_world=None if world is None else _rows("keypoints_world", world, (keypoints, 3)),
        distance=_whole("distance", value.get("distance") or 0, least=0),
        keypoints_raw=None if raw is None else _rows("keypoints_raw", raw, (keypoints, 4)),
    )


def _field(value: dict[str, Any], name: str) -> Any:
    try:
        return value[name]
    except KeyError:
        raise BadFrame(f"{name!r} is missing") from None


def _whole(name: str, value: object, *, least: int) -> int:
    if type(value) is not int or value < least:
        raise BadFrame(f"{name} must be a whole number from {least}, got {value!r}")
    return value


def _number(name: str, value: object) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        raise BadFrame(f"{name} must be a finite number, got {value!r}")
    return float(value)  # type: ignore[arg-type]


def _rows(name: str, value: object, shape: tuple[int, int]) -> Rows:
    try:
        rows = np.array(value)
    except (ValueError, OverflowError):  # rows of different lengths
        raise BadFrame(f"{name} must have shape {shape}") from None
    if rows.shape != shape:
        raise BadFrame(f"{name} must have shape {shape}, got {rows.shape}")
    if rows.dtype.kind not in "if" or not np.isfinite(rows).all():
        raise BadFrame(f"{name} must hold finite numbers only")
    return rows.astype(np.float64)
