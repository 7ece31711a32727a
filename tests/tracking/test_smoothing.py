"""A curve through sightings: no lag, no spread of bad ones, sane at the ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.tracking.similarity import Floats
from sidecar.tracking.smoothing import WINDOW_S, fit

SIDE = 100.0
FRAME_S = 1 / 30


def offsets(before: int = 5, after: int = 5) -> Floats:
    return np.arange(-before, after + 1, dtype=np.float64) * FRAME_S


def along(times: Floats, *coefficients: float, keypoints: int = 4) -> Floats:
    """Values of one polynomial in every coordinate, (M, K, 3)."""
    line = sum(c * times**power for power, c in enumerate(coefficients))
    return np.repeat(np.asarray(line)[:, None, None], keypoints, axis=1) * np.ones(3)


@pytest.mark.parametrize(("before", "after"), [(5, 5), (0, 5), (5, 0), (2, 5), (1, 1)])
def test_a_parabola_passes_unchanged_without_lag(before: int, after: int) -> None:
    times = offsets(before, after)
    value, slope = fit(times, along(times, 50, 120, -80), np.ones(len(times)), SIDE)
    assert value == pytest.approx(50, abs=0.01)
    assert slope == pytest.approx(120, abs=2)


def test_uneven_times_and_missing_frames_do_not_matter() -> None:
    times = np.array([-0.19, -0.1, -0.09, 0.0, 0.02, 0.15])
    value, slope = fit(times, along(times, 7, -30, 10), np.ones(6), SIDE)
    assert value == pytest.approx(7, abs=0.01)
    assert slope == pytest.approx(-30, abs=1)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_sightings_pass_nearly_unchanged(count: int) -> None:
    times = np.arange(count, dtype=np.float64) * FRAME_S
    values = along(times, 10, 60)
    value, slope = fit(times, values, np.ones(count), SIDE)
    assert value == pytest.approx(values[0], abs=0.05)
    assert slope == pytest.approx(60 if count > 1 else 0, abs=2)


def test_noise_becomes_less() -> None:
    times, rng = offsets(), np.random.default_rng(5)
    noise = rng.normal(0, 1, (len(times), 400, 3))
    value, _ = fit(times, noise, np.ones(len(times)), 1e6)
    assert np.std(value) < 0.6


def test_one_keypoint_far_off_moves_no_neighbour_in_time_nor_in_space() -> None:
    times = offsets()
    values = along(times, 50, 30)
    values[7, 2] += 60
    value, _ = fit(times, values, np.ones(len(times)), SIDE)
    assert value == pytest.approx(50, abs=0.5)


def test_who_is_trusted_less_counts_less() -> None:
    times = offsets()
    values = along(times, 0)
    values[::2] += 4
    trust = np.where(np.arange(len(times)) % 2 == 0, 0.1, 1.0)
    trusted, _ = fit(times, values, trust, SIDE)
    doubted, _ = fit(times, values, 1.1 - trust, SIDE)
    assert trusted[0, 0] < 1 < 3 < doubted[0, 0]


@given(
    st.lists(st.floats(-WINDOW_S * 0.99, WINDOW_S * 0.99), min_size=1, max_size=40),
    st.floats(0.01, 1e6),
    st.integers(0, 2**31),
)
@settings(deadline=None)
def test_results_are_finite_whatever_the_times(times: list[float], side: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1e5, 1e5, (len(times), 3, 7))
    value, slope = fit(np.array(times), values, rng.uniform(0.01, 1, len(times)), side)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
