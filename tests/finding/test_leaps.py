"""Which trails are the person's, and which were followed while they were out of sight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sidecar.finding.leaps import NEIGHBOUR_FRAMES, PASSING_LOOKS, without_leaps
from sidecar.finding.shots import Shots
from sidecar.finding.trail import Look, Trail
from sidecar.pose.appearance import Colours
from tests.finding.makers import standing

RED = np.full((7, 3), (0.8, 0.1, 0.1), np.float32)
BLACK = np.zeros((7, 3), np.float32)


def trail(first: int, last: int, x: float, *, colours: Colours | None = None) -> Trail:
    return Trail({i: Look(replace(standing(x, 90), colours=colours), 0.95) for i in range(first, last + 1)})


RIDER = trail(0, 30, 100, colours=RED)


def test_who_is_elsewhere_for_a_moment_and_then_back_was_not_the_person() -> None:
    tree, again = trail(32, 36, 280), trail(38, 60, 104, colours=RED)
    assert without_leaps([RIDER, tree, again], Shots()) == [RIDER, again]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(trail(34, 40, 110), id="near where the person was"),
        pytest.param(trail(32, 32 + PASSING_LOOKS, 280), id="seen for long"),
        pytest.param(trail(31 + NEIGHBOUR_FRAMES, 50, 280), id="long after"),
    ],
)
def test_it_may_have_been(other: Trail) -> None:
    assert without_leaps([RIDER, other], Shots()) == [RIDER, other]


def test_near_but_in_other_colours_it_was_not() -> None:
    other = trail(33, 37, 145, colours=BLACK)
    assert without_leaps([RIDER, other], Shots()) == [RIDER]
    same = trail(33, 37, 145, colours=RED)
    assert without_leaps([RIDER, same], Shots()) == [RIDER, same]


def test_across_a_cut_everybody_may_be_anywhere() -> None:
    shots = Shots()
    noise = np.random.default_rng(1)
    for index in range(40):
        if index in (0, 31):
            scene = noise.integers(0, 255, (6, 10, 3), dtype=np.uint8).repeat(30, axis=0).repeat(32, axis=1)
        shots.add(index, scene)
    other = trail(31, 35, 280)
    assert without_leaps([RIDER, other], shots) == [RIDER, other]


def test_a_single_trail_stays_and_none_is_none() -> None:
    short = trail(3, 4, 100)
    assert without_leaps([short], Shots()) == [short]
    assert without_leaps([], Shots()) == []
