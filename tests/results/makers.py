"""Result directories built by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from sidecar.pose.skeleton import BLAZEPOSE_33, Skeleton


def make_header(*, skeleton: Skeleton = BLAZEPOSE_33, **changes: Any) -> dict[str, Any]:
    header = {
        "schema_version": 1,
        "source": {"kind": "video", "sha256": "ab" * 32, "bytes": 1000, "codec": "h264"},
        "fps": 30.0,
        "size": {"width": 640, "height": 360},
        "rotation": 0,
        "skeleton": {
            "name": skeleton.name, "keypoints": list(skeleton.keypoints), "edges": [list(e) for e in skeleton.edges],
            "has_z": skeleton.has_z, "has_world": skeleton.has_world,
        },
        "estimator": "null",
        "detector": None,
        "digests": {},
        "options": {"min_score": 0.5},
    }  # fmt: skip
    return header | changes


def make_person(
    *, skeleton: Skeleton = BLAZEPOSE_33, identity: int | None = 1, provenance: str = "detected", score: float = 0.9,
    at: tuple[float, float] = (100.0, 50.0), seed: int = 0, **changes: Any,
) -> dict[str, Any]:  # fmt: skip
    """A person whose keypoints are spread over 80 x 160 px from `at`."""
    count = len(skeleton.keypoints)
    rows = np.random.default_rng(seed).uniform((*at, -40, 0.5), (at[0] + 80, at[1] + 160, 40, 1), (count, 4)).round(3)
    box = [*rows[:, :2].min(axis=0).tolist(), *rows[:, :2].max(axis=0).tolist()]
    world = np.random.default_rng(seed).uniform(-1, 1, (count, 3)).round(5).tolist() if skeleton.has_world else None
    person = {
        "id": identity, "score": score, "provenance": provenance, "bbox_xyxy": box, "keypoints": rows.tolist(),
        "keypoints_world": world,
    }  # fmt: skip
    return person | changes


def make_frames(people: Iterable[Sequence[dict[str, Any]]], *, fps: float = 30.0) -> list[dict[str, Any]]:
    return [
        {"frame": index, "time_s": round(index / fps, 6), "persons": list(persons)}
        for index, persons in enumerate(people)
    ]


def make_summary(**changes: Any) -> dict[str, Any]:
    summary = {
        "schema_version": 1,
        "source": {"name": "rider.mp4", "sha256": "ab" * 32},
        "frames": 3, "frames_with_person": 3, "persons": 3, "tracks": 1, "truncated": False, "message": None,
        "seconds": {"decode": 0.1, "infer": 1.0, "total": 1.1},
        "frames_per_second": 2.7, "threads": 1, "device": "CPU", "versions": {"pose-sidecar": "0.1.0"},
    }  # fmt: skip
    return summary | changes


def write_result(
    folder: Path,
    frames: Iterable[Mapping[str, Any]],
    *,
    header: Mapping[str, Any] | None = None,
    summary: Mapping[str, Any] | None = None,
) -> Path:
    """Write a result directory and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "poses.jsonl").open("wb") as file:
        file.write(orjson.dumps(make_header() if header is None else header) + b"\n")
        for frame in frames:
            file.write(orjson.dumps(frame) + b"\n")
    if summary is not None:
        (folder / "summary.json").write_bytes(orjson.dumps(summary))
    return folder
