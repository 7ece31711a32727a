"""Keypoints that stand apart from their neighbours in time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.tracking.outliers import median, outliers
from sidecar.tracking.similarity import Floats

SIDE = 100.0


def walk(frames: int = 7, *, speed: float = 0.0, noise: float = 0.3) -> Floats:
    rng = np.random.default_rng(2)
    body = rng.uniform(0, SIDE, (1, 33, 2)) + rng.normal(0, noise, (frames, 33, 2))
    return np.asarray(body + np.arange(frames)[:, None, None] * speed)


def test_a_spike_is_found_and_nothing_else() -> None:
    points = walk()
    points[3, 15] += 20
    assert np.flatnonzero(outliers(points, 3, SIDE)).tolist() == [15]
    assert not outliers(points, 2, SIDE).any()


@pytest.mark.parametrize("speed", [5.0, 40.0, -200.0])
def test_a_body_may_move_as_fast_as_it_likes(speed: float) -> None:
    assert not outliers(walk(speed=speed), 3, SIDE).any()


def test_a_spike_on_a_fast_body_is_found() -> None:
    points = walk(speed=40)
    points[3, 15] += (-30, 25)
    assert np.flatnonzero(outliers(points, 3, SIDE)).tolist() == [15]


def test_a_limb_that_swings_steadily_is_none() -> None:
    points = walk(noise=0)
    points[:, 15, 0] += np.arange(7) * 8
    assert not any(outliers(points, at, SIDE)[15] for at in range(7))


def test_small_noise_on_a_still_body_is_left_to_smoothing() -> None:
    points = walk(noise=0)
    points[3, 15] += 0.04 * SIDE
    assert not outliers(points, 3, SIDE).any()


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_few_sightings_cannot_outvote_one(frames: int) -> None:
    points = walk(frames)
    points[0, 15] += 500
    assert not outliers(points, 0, SIDE).any()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_the_median_is_numpys(values: list[float]) -> None:
    array = np.array(values)[:, None]
    assert median(array) == pytest.approx(np.median(array, axis=0))
