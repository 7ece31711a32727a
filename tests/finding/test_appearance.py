"""People told apart by their colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sidecar.estimators.protocol import Image
from sidecar.finding.appearance import colours
from sidecar.finding.proportions import body_rows
from sidecar.pose.appearance import Colours, difference, likeness
from sidecar.pose.region import Region
from sidecar.pose.skeleton import BLAZEPOSE_33
from tests.finding.makers import standing

ROWS = body_rows(BLAZEPOSE_33)
RED, BLUE, GREEN = (200, 30, 30), (20, 40, 160), (60, 140, 60)


def dressed(above: tuple[int, int, int], below: tuple[int, int, int], *, x: float = 100.0) -> Colours:
    """Somebody at (x, 100) in a jacket and trousers, on grass."""
    image: Image = np.empty((200, 400, 3), np.uint8)
    image[:] = GREEN
    person = standing(x, 100)
    middle = round(x)
    image[80:103, middle - 12 : middle + 12] = above
    image[103:140, middle - 12 : middle + 12] = below
    assert ROWS is not None
    return colours(image, person, ROWS)


def test_the_same_clothes_are_alike_elsewhere_in_the_picture() -> None:
    assert likeness(dressed(RED, BLUE), [dressed(RED, BLUE, x=300)]) == 1


def test_other_clothes_are_not() -> None:
    assert likeness(dressed(RED, BLUE), [dressed(BLUE, GREEN)]) == 0


def test_the_likest_of_several_counts() -> None:
    assert likeness(dressed(RED, BLUE), [dressed(GREEN, GREEN), dressed(RED, BLUE)]) == 1


def test_a_little_light_makes_nobody_else() -> None:
    brighter = dressed((206, 36, 36), (26, 46, 166))
    assert likeness(dressed(RED, BLUE), [brighter]) > 0.9


def test_of_whom_nothing_is_known_nothing_speaks_against() -> None:
    assert likeness(dressed(RED, BLUE), []) == 1


@pytest.mark.parametrize("x", [-500.0, 5000.0])
def test_a_body_outside_the_picture_has_the_colours_of_its_edge(x: float) -> None:
    assert ROWS is not None
    seen = colours(np.full((50, 50, 3), 51, np.uint8), standing(x, 100), ROWS)
    assert seen.shape == (7, 3)
    assert seen == pytest.approx(0.2)


def test_the_difference_of_clothes_asks_for_no_places() -> None:
    jacket, swapped = dressed(RED, BLUE), dressed(BLUE, RED)
    assert difference(jacket, jacket) == 0
    assert difference(jacket, swapped) < 0.01
    assert difference(jacket, dressed(GREEN, GREEN)) > 0.2


def test_who_has_no_region_is_taken_for_as_large_as_the_box() -> None:
    assert ROWS is not None
    image = np.random.default_rng(3).integers(0, 255, (200, 400, 3), np.uint8)
    person = standing(100, 100)
    x1, y1, x2, y2 = person.bbox_xyxy
    near = replace(person, region=Region(100, 100, 1.25 * max(x2 - x1, y2 - y1)))
    assert np.array_equal(colours(image, replace(person, region=None), ROWS), colours(image, near, ROWS))
