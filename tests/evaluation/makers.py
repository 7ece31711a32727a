"""Labelled pictures that are made, not found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Person

AREA = 8000.0


def make_pose(seed: int, *, at: tuple[float, float] = (100.0, 100.0)) -> NDArray[np.float64]:
    """(17, 2) px, spread over about 90 x 90 px."""
    return np.random.default_rng(seed).uniform(-45, 45, (17, 2)) + at


def make_person(points: NDArray[np.float64], score: float = 0.9) -> Person:
    keypoints = np.concatenate([points, np.zeros((17, 1)), np.ones((17, 1))], axis=1).astype(np.float32)
    return Person(keypoints, score)


def annotation(number: int, image: int, points: NDArray[np.float64], **changes: Any) -> dict[str, Any]:
    x1, y1 = points.min(axis=0)
    x2, y2 = points.max(axis=0)
    entry: dict[str, Any] = {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "keypoints": np.concatenate([points, np.full((17, 1), 2.0)], axis=1).ravel().tolist(),
        "num_keypoints": 17,
        "bbox": [float(x1), float(y1), float(x2 - x1), float(y2 - y1)],
        "area": AREA,
        "iscrowd": 0,
    }
    return entry | changes


def write_labels(folder: Path, annotations: list[dict[str, Any]], images: int = 2, **changes: Any) -> Path:
    """Labels, and black pictures for them."""
    content: dict[str, Any] = {
        "images": [
            {"id": number, "file_name": f"{number}.png", "width": 200, "height": 200} for number in range(1, images + 1)
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": ["k"] * 17, "skeleton": []}],
        "annotations": annotations,
    }
    for number in range(1, images + 1):
        cv2.imwrite(str(folder / f"{number}.png"), np.zeros((200, 200, 3), np.uint8))
    path = folder / "labels.json"
    path.write_text(json.dumps(content | changes), encoding="utf-8")
    return path
