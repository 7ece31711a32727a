"""People where nobody was seen: they move, and grow less certain."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.tracking.filling import between, beyond, certainty
from sidecar.tracking.similarity import Floats

TORSO = [0, 1]
SHARES = np.array([0.25, 0.5, 0.75])


def still(value: float = 0.0) -> Floats:
    return np.full((4, 2), value)


def test_a_straight_way_is_followed_evenly() -> None:
    filled = between(still(0), still(10), still(20), still(20), SHARES, 0.5, TORSO)
    assert filled[:, 0, 0] == pytest.approx([2.5, 5, 7.5])


def test_a_curve_leaves_and_arrives_as_fast_as_was_measured() -> None:
    shares = np.array([0.001, 0.999])
    filled = between(still(0), still(10), still(50), still(-50), shares, 0.1, TORSO)
    start, stop = filled[0, 0, 0] / 0.0001, (10 - filled[1, 0, 0]) / 0.0001
    assert start == pytest.approx(50, rel=0.15)
    assert stop == pytest.approx(-50, rel=0.5)


def test_limbs_are_bent_less_by_their_velocity_the_longer_the_gap() -> None:
    fast = still(0)
    fast[2:] = 100  # against a body that stands
    bends = []
    for gap_s in (0.1, 0.5, 2.0):
        filled = between(still(0), still(0), fast, -fast, np.array([0.5]), gap_s, TORSO)
        bends.append(filled[0, 3, 0] / gap_s)
        assert filled[0, 0, 0] == pytest.approx(0)
    assert bends[0] > bends[1] > bends[2] > 0


def test_beyond_the_last_sighting_the_body_slows_down_in_its_posture() -> None:
    posture = np.arange(8.0).reshape(4, 2)
    filled = beyond(posture, still(30), np.array([0.1, 0.2, 5.0, 50.0]), TORSO)
    steps = filled[:, 0, 0]
    assert steps[0] == pytest.approx(3, rel=0.15)
    assert steps[1] < 2 * steps[0]
    assert steps[3] == pytest.approx(steps[2], rel=0.01)
    assert np.ptp(filled - posture, axis=(1, 2)) == pytest.approx(0)


def test_before_the_first_sighting_time_runs_the_other_way() -> None:
    ahead, behind = (beyond(still(0), still(30), np.array([away]), TORSO) for away in (0.2, -0.2))
    assert ahead == pytest.approx(-behind)


def test_certainty_halves_in_half_a_second() -> None:
    assert [certainty(away) for away in (0, 0.5, 1.0)] == [1, 0.5, 0.25]
