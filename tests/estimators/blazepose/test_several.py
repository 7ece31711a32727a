from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators.blazepose.finders import OwnDetector, PersonDetector
from sidecar.estimators.blazepose.several import box_region, settle
from sidecar.estimators.protocol import Image, ModelRef
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from tests.estimators.blazepose.makers import make_person
from tests.estimators.makers import make_boxes

IMAGE = np.zeros((10, 10, 3), np.uint8)


class ScriptedDetector:
    """Finds the boxes it is given, and notes what it was asked."""

    name = "scripted"
    model: ModelRef

    def __init__(self, boxes: NDArray[np.float32]) -> None:
        self.boxes = boxes
        self.asked: list[float] = []

    def detect(self, images: list[Image], *, min_score: float) -> list[NDArray[np.float32]]:
        self.asked.append(min_score)
        return [self.boxes[self.boxes[:, 4] >= min_score] for _ in images]


def find(boxes: NDArray[np.float32], people: dict[float, Person | None], *, min_score: float = 0.5) -> list[Person]:
    """Whom the finder reports when the region at x = key holds that person."""
    finder = PersonDetector(ScriptedDetector(boxes), OwnDetector(model=None), recrops=0)  # type: ignore[arg-type]
    return finder(IMAGE, lambda region: people.get(region.cx), min_score=min_score)


def test_a_box_becomes_a_square_with_a_margin() -> None:
    assert box_region(10, 20, 30, 100) == Region(20, 60, 100)


@pytest.mark.parametrize("box", [(5, 5, 5, 9), (5, 5, 9, 5), (9, 5, 5, 9), (float("nan"), 0, 1, 1)], ids=str)
def test_a_box_without_area_becomes_nothing(box: tuple[float, float, float, float]) -> None:
    assert box_region(*box) is None


def test_settling_reads_the_region_of_each_last_reading() -> None:
    seen = []

    def read(region: Region) -> Person:
        seen.append(region)
        return make_person(region.cx + 10)

    person = settle(read, Region(0, 0, 10), recrops=3)
    assert [region.cx for region in seen] == [0, 10, 20, 30]
    assert person is not None
    assert person.region is not None
    assert person.region.cx == 40


def test_settling_stops_where_nothing_points_further() -> None:
    assert settle(lambda region: None, Region(0, 0, 1), recrops=3) is None
    lost = Person(keypoints=make_person().keypoints, score=1.0, region=None)
    assert settle(lambda region: lost, Region(0, 0, 1), recrops=3) is lost


def test_two_boxes_that_end_on_one_person_give_one() -> None:
    kept = find(make_boxes(0.9, 0.8), {25.0: make_person(100), 125.0: make_person(102)})
    assert [person.keypoints[0, 0] for person in kept] == [make_person(100).keypoints[0, 0]]


def test_neighbours_stay_two() -> None:
    assert len(find(make_boxes(0.9, 0.8), {25.0: make_person(100), 125.0: make_person(160)})) == 2


def test_people_without_extent_are_no_duplicates_and_no_error() -> None:
    assert len(find(make_boxes(0.9, 0.8), {25.0: make_person(size=0), 125.0: make_person(size=0)})) == 2


def test_people_come_best_first_and_those_below_the_score_not_at_all() -> None:
    people = {25.0: make_person(100, score=0.6), 125.0: make_person(900, score=0.8), 225.0: make_person(500, score=0.4)}
    found = find(make_boxes(0.9, 0.8, 0.7), dict(people))
    assert [person.score for person in found] == [0.8, 0.6]


def test_a_person_below_the_score_hides_nobody() -> None:
    found = find(make_boxes(0.9, 0.8), {25.0: make_person(100, score=0.2), 125.0: make_person(101, score=0.9)})
    assert [person.score for person in found] == [0.9]
