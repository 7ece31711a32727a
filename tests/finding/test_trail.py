"""Where somebody would be in another frame."""

from __future__ import annotations

import pytest

from sidecar.finding.trail import FAR_FRAMES, SPEED_MAX, Look, Trail
from tests.finding.makers import SIDE, standing


def trail(places: dict[int, float], *, sizes: dict[int, float] | None = None) -> Trail:
    size = sizes or {}
    return Trail({i: Look(standing(x, 90, size=size.get(i, SIDE)), 1.0) for i, x in places.items()})


def test_without_looks_on_that_side_nobody_is_expected() -> None:
    assert trail({5: 100}).expected(3, 1) is None
    assert trail({5: 100}).expected(7, -1) is None
    assert Trail().expected(0, 1) is None


def test_one_look_says_where_and_not_whither() -> None:
    region = trail({5: 100}).expected(6, 1)
    assert region is not None
    assert (region.cx, region.size) == (100, SIDE)


@pytest.mark.parametrize(("index", "direction", "least", "most"), [(7, 1, 107, 110), (4, -1, 90, 93)])
def test_people_go_on_as_they_moved_in_both_directions(index: int, direction: int, least: float, most: float) -> None:
    region = trail({5: 100, 6: 105}).expected(index, direction)  # type: ignore[arg-type]
    assert region is not None
    low, high = (least, most) if direction == 1 else (95, 97)
    assert low <= region.cx <= high


def test_an_unseen_person_slows_down() -> None:
    near, far = (trail({5: 100, 6: 110}).expected(index, 1) for index in (7, 40))
    assert near is not None
    assert far is not None
    assert near.cx < far.cx < 160


def test_nobody_leaps() -> None:
    region = trail({5: 100, 6: 300}).expected(7, 1)
    assert region is not None
    assert region.cx <= 300 + SPEED_MAX * SIDE


def test_a_shrinking_region_is_held_to_the_usual_size() -> None:
    sizes = dict.fromkeys(range(8), SIDE) | {8: SIDE * 0.5}
    region = trail(dict.fromkeys(range(9), 100.0), sizes=sizes).expected(9, 1)
    assert region is not None
    assert region.size == pytest.approx(SIDE / 1.25)


def test_a_long_trail_is_asked_as_far_as_looks_tell_something() -> None:
    places = {index: 60.0 + index % 7 for index in range(2000)}
    long, near = trail(places), trail({index: places[index] for index in range(1000 - FAR_FRAMES, 1000)})
    assert long.expected(1000, 1) == near.expected(1000, 1)
    assert (long.anchor(1999 + FAR_FRAMES, 1), long.anchor(2000 + FAR_FRAMES, 1)) == (1999, None)
    assert trail({5: 100}).anchor(5000, 1) == 5
