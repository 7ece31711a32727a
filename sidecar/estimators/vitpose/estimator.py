"""ViTPose as an estimator: a detector's boxes or the caller's regions, all crops of a request in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.detectors.protocol import Detector
from sidecar.estimators.asking import asked, opened
from sidecar.estimators.boxes import boxes_to_read, lowest_box_score
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.estimators.vitpose.decode import decode
from sidecar.estimators.vitpose.heatmaps import Engine
from sidecar.estimators.vitpose.window import Window, around_box, around_region, crop, to_image
from sidecar.pose.oks import oks
from sidecar.pose.person import LOW_SCORE_MIN, Person, observed
from sidecar.pose.region import Region

KEYPOINT_MIN_SCORE = 0.2  # a person's score is the mean of the keypoints above it, as mmpose has it
SAME_PERSON = 0.9  # OKS from which two boxes led to one person, as mmpose has it


@dataclass(frozen=True, slots=True)
class _Task:
    """A crop to read: of which image, through which window, for which region."""

    image: int
    window: Window
    region: int | None


class VitPoseEstimator:
    """See `Estimator`."""

    def __init__(self, info: EstimatorInfo, *, engine: Engine, detector: Detector) -> None:
        self.info = info
        self._parts: tuple[Engine, Detector] | None = (engine, detector)

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        """See `Estimator.estimate`.

        Raises:
            ValueError: an image has the wrong type, shape or size.
            RuntimeError: the estimator is closed.
            OutOfMemory: not even one crop fits into memory.
        """
        engine, detector = opened(self._parts)
        min_score = max(min_score, LOW_SCORE_MIN)
        tasks: list[_Task] = []
        on_boxes: list[bool] = []
        for index, (image, wanted) in enumerate(asked(images, regions, cancel=cancel)):
            on_boxes.append(wanted is None)
            tasks += _tasks(index, image, wanted, detector, min_score)
        heatmaps = engine([crop(images[task.image], task.window) for task in tasks], cancel=cancel)
        found: list[list[Person]] = [[] for _ in images]
        for task, maps in zip(tasks, heatmaps, strict=True):
            person = read_person(maps, task.window, task.region)
            if person is not None and person.score >= min_score:
                found[task.image].append(person)
        return [without_duplicates(people) if boxes else people for people, boxes in zip(found, on_boxes, strict=True)]

    def close(self) -> None:
        """Release engine and detector. Idempotent."""
        self._parts = None


def _tasks(
    index: int, image: Image, regions: Sequence[Region] | None, detector: Detector, min_score: float
) -> list[_Task]:
    if regions is not None:
        return [_Task(index, around_region(region), number) for number, region in enumerate(regions)]
    (boxes,) = detector.detect([image], min_score=lowest_box_score(min_score))
    windows = [around_box(x1, y1, x2, y2) for x1, y1, x2, y2, _ in boxes_to_read(boxes).tolist()]
    return [_Task(index, window, None) for window in windows if window is not None]


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
