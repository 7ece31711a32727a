"""From windows of images to people: crops through the network, keypoints and scores out of its heatmaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import CancelToken, Image
from sidecar.estimators.vitpose.decode import decode
from sidecar.estimators.vitpose.heatmaps import Engine
from sidecar.estimators.vitpose.window import Window, crop, to_image
from sidecar.pose.oks import oks
from sidecar.pose.person import Person, observed

KEYPOINT_MIN_SCORE = 0.2  # a person's score is the mean of the keypoints above it, as mmpose has it
SAME_PERSON = 0.9  # OKS from which two boxes led to one person, as mmpose has it


@dataclass(frozen=True, slots=True)
class Task:
    """A window to read: of which image, and for which of the caller's regions."""

    image: int
    window: Window
    region: int | None


def read_people(
    engine: Engine, images: Sequence[Image], tasks: Sequence[Task], *, cancel: CancelToken | None
) -> list[Person | None]:
    """One person per task; None where the network gives no usable numbers.

    Raises:
        Cancelled: `cancel` fired between batches.
        OutOfMemory: not even one crop fits into memory.
    """
    heatmaps = engine([crop(images[task.image], task.window) for task in tasks], cancel=cancel)
    return [read_person(maps, task.window, task.region) for task, maps in zip(tasks, heatmaps, strict=True)]


def read_person(heatmaps: NDArray[np.float32], window: Window, region_index: int | None = None) -> Person | None:
    """The person in a window; None where the network gives no usable numbers."""
    if not np.isfinite(heatmaps).all():
        return None
    count, rows, columns = heatmaps.shape
    points, scores = decode(heatmaps)
    keypoints = np.zeros((count, 4), np.float32)
    keypoints[:, :2] = to_image(points, window, columns=columns, rows=rows)
    keypoints[:, 3] = scores
    sure = scores[scores > KEYPOINT_MIN_SCORE]
    score = float(sure.mean()) if len(sure) else float(scores.mean())
    return Person(keypoints, score, provenance=observed(score), region_index=region_index)


def without_duplicates(people: Sequence[Person]) -> list[Person]:
    """Best score first, without whoever is the same person as a better one."""
    kept: list[Person] = []
    for person in sorted(people, key=lambda one: -one.score):
        if all(_likeness(person, other) < SAME_PERSON for other in kept):
            kept.append(person)
    return kept


def _likeness(one: Person, other: Person) -> float:
    area = (_area(one) + _area(other)) / 2
    return oks(one.keypoints, other.keypoints, area=area) if area > 0 else 0.0


def _area(person: Person) -> float:
    x1, y1, x2, y2 = person.bbox_xyxy
    return (x2 - x1) * (y2 - y1)
