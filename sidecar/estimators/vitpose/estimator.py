"""ViTPose as an estimator: a detector's boxes or the caller's regions, all crops of a request in one go."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.detectors.protocol import Detector
from sidecar.estimators.asking import asked, opened
from sidecar.estimators.boxes import boxes_to_read, lowest_box_score
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.estimators.vitpose.heatmaps import Engine
from sidecar.estimators.vitpose.people import Task, read_people, without_duplicates
from sidecar.estimators.vitpose.window import around_box, around_region
from sidecar.pose.person import LOW_SCORE_MIN, Person
from sidecar.pose.region import Region


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
        tasks: list[Task] = []
        on_boxes: list[bool] = []
        for index, (image, wanted) in enumerate(asked(images, regions, cancel=cancel)):
            on_boxes.append(wanted is None)
            tasks += _tasks(index, image, wanted, detector, min_score)
        found: list[list[Person]] = [[] for _ in images]
        for task, person in zip(tasks, read_people(engine, images, tasks, cancel=cancel), strict=True):
            if person is not None and person.score >= min_score:
                found[task.image].append(person)
        return [without_duplicates(people) if boxes else people for people, boxes in zip(found, on_boxes, strict=True)]

    def close(self) -> None:
        """Release engine and detector. Idempotent."""
        self._parts = None


def _tasks(
    index: int, image: Image, regions: Sequence[Region] | None, detector: Detector, min_score: float
) -> list[Task]:
    if regions is not None:
        return [Task(index, around_region(region), number) for number, region in enumerate(regions)]
    (boxes,) = detector.detect([image], min_score=lowest_box_score(min_score))
    windows = [around_box(x1, y1, x2, y2) for x1, y1, x2, y2, _ in boxes_to_read(boxes).tolist()]
    return [Task(index, window, None) for window in windows if window is not None]
