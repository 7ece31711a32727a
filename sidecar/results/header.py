"""The first line of poses.jsonl, checked: skeleton, size, rate and the options of the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecar.pose.skeleton import Skeleton
from sidecar.results.errors import ResultError

SCHEMA_VERSION = 1  # the newest that this reader knows
MAX_KEYPOINTS = 1024  # a mesh is no skeleton; beyond this the file is broken or hostile
MAX_SIDE_PX = 1 << 20

_REMAKE = "make the result again with `python -m sidecar video`"


@dataclass(frozen=True, slots=True)
class ResultHeader:
    """What holds for every frame of a result.

    Attributes:
        source: the file that was read: kind, sha256, bytes and what else is known.
        fps: nominal rate; None for pictures.
        width, height: px of the upright frames.
        options: every option that changed the result, cleaning among them.
    """

    source: Mapping[str, Any]
    fps: float | None
    width: int
    height: int
    rotation: int
    skeleton: Skeleton
    estimator: str
    detector: str | None
    digests: Mapping[str, str]
    options: Mapping[str, Any]


def read_header(value: object, where: str) -> ResultHeader:
    """Check a parsed first line. Fields that a later version of the same schema adds are passed over.

    Args:
        value: the parsed line.
        where: file and line, for messages.

    Raises:
        ResultError: it is no header, one of a newer schema, or a field is wrong.
    """
    if not isinstance(value, dict) or "schema_version" not in value or "skeleton" not in value:
        raise ResultError("foreign", f"{where} is not the header of a result", "pass a folder that `video` made")
    version = value["schema_version"]
    if type(version) is int and version > SCHEMA_VERSION:
        raise ResultError(
            "newer",
            f"{where}: schema_version is {version}, this version reads up to {SCHEMA_VERSION}",
            "update pose-sidecar",
        )
    if type(version) is not int or version != SCHEMA_VERSION:
        raise ResultError("damaged", f"{where}: schema_version must be {SCHEMA_VERSION}, got {version!r}", _REMAKE)
    try:
        return _header(value)
    except (KeyError, TypeError, ValueError) as error:
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise ResultError("damaged", f"{where}: {what}", _REMAKE) from error


def _header(value: dict[str, Any]) -> ResultHeader:
    size = _of("size", value["size"], dict)
    fps = value["fps"]
    if fps is not None and not (_is_number(fps) and 0 < fps < math.inf):
        raise ValueError(f"fps must be a number > 0 or null, got {fps!r}")
    detector = value["detector"]
    return ResultHeader(
        source=_of("source", value["source"], dict),
        fps=None if fps is None else float(fps),
        width=_side("width", size["width"]),
        height=_side("height", size["height"]),
        rotation=_of("rotation", value["rotation"], int),
        skeleton=_skeleton(_of("skeleton", value["skeleton"], dict)),
        estimator=_of("estimator", value["estimator"], str),
        detector=None if detector is None else _of("detector", detector, str),
        digests=_of("digests", value["digests"], dict),
        options=_of("options", value["options"], dict),
    )


def _skeleton(value: dict[str, Any]) -> Skeleton:
    names = _of("keypoints", value["keypoints"], list)
    if not 1 <= len(names) <= MAX_KEYPOINTS or not all(isinstance(name, str) for name in names):
        raise ValueError(f"skeleton.keypoints must be 1 to {MAX_KEYPOINTS} names")
    edges = []
    for edge in _of("edges", value["edges"], list):
        ends = edge if isinstance(edge, list) else []
        if len(ends) != 2 or not all(type(end) is int and 0 <= end < len(names) for end in ends):
            raise ValueError(f"skeleton.edges must be pairs of indices below {len(names)}, got {edge!r}")
        edges.append((ends[0], ends[1]))
    return Skeleton(
        name=_of("name", value["name"], str),
        keypoints=tuple(names),
        edges=tuple(edges),
        has_z=_of("has_z", value["has_z"], bool),
        has_world=_of("has_world", value["has_world"], bool),
    )


def _of(name: str, value: object, kind: type) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{name} must be {kind.__name__}, got {value!r}")
    return value


def _side(name: str, value: object) -> int:
    if type(value) is not int or not 1 <= value <= MAX_SIDE_PX:
        raise ValueError(f"{name} must be 1 to {MAX_SIDE_PX} px, got {value!r}")
    return value


def _is_number(value: object) -> bool:
    return type(value) in (int, float)
