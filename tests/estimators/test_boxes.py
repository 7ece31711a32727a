from __future__ import annotations

import pytest

from sidecar.estimators.boxes import PEOPLE_MAX, boxes_to_read, lowest_box_score
from tests.estimators.makers import make_boxes


def test_doubtful_boxes_count_only_where_there_is_no_certain_one() -> None:
    assert len(boxes_to_read(make_boxes(0.9, 0.3, 0.29))) == 2
    assert len(boxes_to_read(make_boxes(0.29, 0.11))) == 2
    assert len(boxes_to_read(make_boxes())) == 0


def test_a_crowd_is_bounded() -> None:
    assert len(boxes_to_read(make_boxes(*[0.9] * 100))) == PEOPLE_MAX == 32


@pytest.mark.parametrize(("min_score", "asked"), [(0.0, 0.1), (0.2, 0.2), (0.5, 0.3), (1.0, 0.3)])
def test_the_detector_is_asked_for_doubtful_boxes_only_when_doubtful_people_are_wanted(
    min_score: float, asked: float
) -> None:
    assert lowest_box_score(min_score) == asked
