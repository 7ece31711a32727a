from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sidecar.estimators import registry
from sidecar.estimators.protocol import Cancelled, Estimator, LoadContext, OptionError
from sidecar.pose.region import Region

IMAGE = np.zeros((40, 60, 3), np.uint8)


def null(**options: Any) -> Estimator:
    return registry.spec("null").create(LoadContext(options=options, threads=1, cache_dir=None))


class CancelAfter:
    """Fires at the given question."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    def raise_if_cancelled(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Cancelled


def test_by_default_it_finds_nobody_in_any_image() -> None:
    assert null().estimate([IMAGE, IMAGE, IMAGE]) == [[], [], []]


def test_fixed_figures_stand_inside_the_image() -> None:
    (people,) = null(persons="3").estimate([IMAGE])
    assert len(people) == 3
    for person in people:
        x1, y1, x2, y2 = person.bbox_xyxy
        assert 0 <= x1 < x2 <= 60
        assert 0 <= y1 < y2 <= 40
        assert person.keypoints.shape == (17, 4)
        assert person.region_index is None


def test_with_regions_it_answers_each_by_its_index() -> None:
    regions = [[Region(10, 20, 8), Region(30, 5, 4)], [], None]
    found = null(persons=1).estimate([IMAGE] * 3, regions=regions)
    assert [[person.region_index for person in people] for people in found] == [[0, 1], [], [None]]
    assert found[0][1].region == Region(30, 5, 4)


def test_regions_for_another_number_of_images_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one entry per image \(2\), got 1"):
        null().estimate([IMAGE, IMAGE], regions=[None])


def test_it_stops_between_images_when_cancelled() -> None:
    with pytest.raises(Cancelled):
        null().estimate([IMAGE, IMAGE], cancel=CancelAfter(2))


def test_it_stops_within_a_delay_when_cancelled() -> None:
    with pytest.raises(Cancelled):
        null(delay_ms=60_000).estimate([IMAGE], cancel=CancelAfter(3))


@pytest.mark.parametrize("options", [{"people": 1}, {"persons": 65}, {"delay_ms": -1}], ids=str)
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        null(**options)


def test_closing_twice_is_fine() -> None:
    estimator = null()
    estimator.close()
    estimator.close()
