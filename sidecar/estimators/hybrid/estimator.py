"""The hybrid as an estimator: each box of one detector goes to ViTPose, and who is found there goes to HMR2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sidecar.detectors.protocol import Detector
from sidecar.estimators.asking import asked, opened
from sidecar.estimators.boxes import boxes_to_read, lowest_box_score
from sidecar.estimators.hmr2.bodies import Bodies
from sidecar.estimators.hmr2.crop import square_of
from sidecar.estimators.hmr2.people import Look
from sidecar.estimators.hybrid.skeleton import joined
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.estimators.vitpose.heatmaps import Engine
from sidecar.estimators.vitpose.people import Task, read_people, without_duplicates
from sidecar.estimators.vitpose.window import around_box, around_region
from sidecar.pose.person import LOW_SCORE_MIN, Person
from sidecar.pose.region import Region


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a person is to be read: the window of the one network, and the square of the other."""

    task: Task
    square: Region


class Hybrid:
    """See `Estimator`. The score of a person is ViTPose's; HMR2 has no opinion."""

    def __init__(self, info: EstimatorInfo, *, engine: Engine, bodies: Bodies, detector: Detector) -> None:
        self.info = info
        self._parts: tuple[Engine, Bodies, Detector] | None = (engine, bodies, detector)

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        """See `Estimator.estimate`. Who is nobody to either network is left out.

        Raises:
            ValueError: an image has the wrong type, shape or size.
            RuntimeError: the estimator is closed.
            OutOfMemory: not even one person fits into memory.
        """
        engine, bodies, detector = opened(self._parts)
        min_score = max(min_score, LOW_SCORE_MIN)
        places: list[_Place] = []
        on_boxes: list[bool] = []
        for index, (image, wanted) in enumerate(asked(images, regions, cancel=cancel)):
            on_boxes.append(wanted is None)
            places += _of_regions(index, wanted) if wanted is not None else _of_boxes(index, image, detector, min_score)
        flat: list[dict[Person, _Place]] = [{} for _ in images]
        tasks = [place.task for place in places]
        for place, person in zip(places, read_people(engine, images, tasks, cancel=cancel), strict=True):
            if person is not None and person.score >= min_score:
                flat[place.task.image][person] = place
        chosen = [
            (person, found[person])
            for found, boxes in zip(flat, on_boxes, strict=True)
            for person in (without_duplicates(list(found)) if boxes else found)
        ]
        looks = [_look(place, images[place.task.image], person) for person, place in chosen]
        people: list[list[Person]] = [[] for _ in images]
        for (person, place), solid in zip(chosen, bodies.read(images, looks, cancel=cancel), strict=True):
            if solid is not None:
                people[place.task.image].append(joined(person, solid))
        return people

    def close(self) -> None:
        """Release the networks and their memory. Idempotent."""
        if self._parts is not None:
            self._parts[1].release()
        self._parts = None


def _of_regions(index: int, regions: Sequence[Region]) -> Iterator[_Place]:
    for number, region in enumerate(regions):
        yield _Place(Task(index, around_region(region), number), region)


def _of_boxes(index: int, image: Image, detector: Detector, min_score: float) -> Iterator[_Place]:
    (boxes,) = detector.detect([image], min_score=lowest_box_score(min_score))
    for x1, y1, x2, y2, _ in boxes_to_read(boxes).tolist():
        window, square = around_box(x1, y1, x2, y2), square_of(x1, y1, x2, y2)
        if window is not None and square is not None:
            yield _Place(Task(index, window, None), square)


def _look(place: _Place, image: Image, person: Person) -> Look:
    height, width = image.shape[:2]
    return Look(place.task.image, width, height, place.square, person.score, place.task.region)
