from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators.blazepose.anchors import anchor_centres
from sidecar.estimators.blazepose.detection import INPUT_PX, Detection, best_detection

Rows = tuple[NDArray[np.float32], NDArray[np.float32]]


def logit(score: float) -> float:
    return math.log(score / (1 - score))


def make_rows(*people: tuple[int, float, float, float], side: float = 0.2) -> Rows:
    """Predictions (row, score, x, y): a face box of `side` at x, y; the hip there too, the scale point 0.1 above."""
    boxes, logits = np.zeros((2254, 12), np.float32), np.full(2254, -50, np.float32)
    for row, score, x, y in people:
        here = np.array([x, y]) - anchor_centres()[row]
        points = np.tile(here, 6)
        points[2:4] = side
        points[6:8] = here - [0, 0.1]
        boxes[row] = points * INPUT_PX
        logits[row] = logit(score)
    return boxes, logits


def found(rows: Rows, *, min_score: float = 0.5) -> Detection:
    detection = best_detection(*rows, min_score=min_score)
    assert detection is not None
    return detection


def test_nothing_certain_is_nobody() -> None:
    assert best_detection(*make_rows((5, 0.49, 0.5, 0.5)), min_score=0.5) is None
    assert best_detection(*make_rows((5, 0.09, 0.5, 0.5)), min_score=0.0) is None, "noise is nobody, whatever is asked"


def test_the_most_certain_person_is_placed() -> None:
    detection = found(make_rows((3, 0.6, 0.2, 0.2), (900, 0.9, 0.7, 0.6)))
    np.testing.assert_allclose(detection.centre, [0.7, 0.6], atol=1e-6)
    np.testing.assert_allclose(detection.scale, [0.7, 0.5], atol=1e-6)
    assert detection.score == pytest.approx(0.9)


def test_overlapping_predictions_are_averaged_by_score_and_others_are_not() -> None:
    detection = found(make_rows((3, 0.6, 0.50, 0.5), (4, 0.9, 0.53, 0.5), (2000, 0.8, 0.9, 0.9)))
    np.testing.assert_allclose(detection.centre, [(0.6 * 0.50 + 0.9 * 0.53) / 1.5, 0.5], atol=1e-6)


def test_a_lower_threshold_finds_more_people_and_moves_none() -> None:
    rows = make_rows((3, 0.9, 0.50, 0.5), (4, 0.3, 0.53, 0.5))
    np.testing.assert_array_equal(found(rows, min_score=0.1).centre, found(rows, min_score=0.5).centre)
    weak = make_rows((3, 0.3, 0.50, 0.5), (4, 0.2, 0.53, 0.5))
    np.testing.assert_allclose(found(weak, min_score=0.1).centre, [0.512, 0.5], atol=1e-6)


def test_a_higher_threshold_is_for_the_landmarks_and_changes_nothing_here() -> None:
    rows = make_rows((3, 0.7, 0.50, 0.5), (4, 0.6, 0.53, 0.5))
    np.testing.assert_array_equal(found(rows, min_score=0.99).centre, found(rows, min_score=0.5).centre)


@pytest.mark.parametrize(("column", "value"), [(2, -1.0), (3, -0.001), (0, math.nan), (11, math.inf)])
def test_a_row_that_is_no_box_is_passed_over(column: int, value: float) -> None:
    boxes, logits = make_rows((3, 0.99, 0.2, 0.2), (2100, 0.6, 0.7, 0.6))
    boxes[3, column] = value
    np.testing.assert_allclose(found((boxes, logits)).centre, [0.7, 0.6], atol=1e-6)


def test_a_box_without_area_still_places_its_person() -> None:
    np.testing.assert_allclose(found(make_rows((3, 0.9, 0.4, 0.3), side=0.0)).centre, [0.4, 0.3], atol=1e-6)


@pytest.mark.parametrize("logit", [1e30, 700.0, 100.0])
def test_enormous_logits_do_not_overflow(logit: float) -> None:
    boxes, logits = make_rows((3, 0.9, 0.4, 0.3))
    logits[:] = -logit
    logits[3] = logit
    assert found((boxes, logits)).score == 1.0
