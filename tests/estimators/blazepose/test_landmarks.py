from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators.blazepose.landmarks import Landmarks, decode_landmarks, refine
from sidecar.pose.region import Region

Array = NDArray[np.float32]
FLAT = np.full((64, 64, 39), -30, np.float32)


def make_raw(x: float = 128, y: float = 128, z: float = 0) -> Array:
    """All landmarks at one place of the crop, px; the scale point 51.2 px above the centre."""
    rows = np.zeros((39, 5), np.float32)
    rows[:, :3] = x, y, z
    rows[34, 1] -= 51.2
    return rows.ravel()


def decode(raw: Array, region: Region, *, world: Array | None = None, heatmaps: Array = FLAT) -> Landmarks:
    read = decode_landmarks(raw, heatmaps, np.zeros(117, np.float32) if world is None else world, region)
    assert read is not None
    return read


def refine_one_by_one(points: Array, heatmaps: Array) -> Array:
    """The rule of the reference, spelled out."""
    height, width = heatmaps.shape[:2]
    moved = points.copy()
    for index, (x, y) in enumerate(points.tolist()):
        column, row = int(x * width), int(y * height)
        if not (0 <= column < width and 0 <= row < height):
            continue
        total = sum_x = sum_y = best = 0.0
        for r in range(max(0, row - 4), min(height, row + 5)):
            for c in range(max(0, column - 4), min(width, column + 5)):
                p = 1 / (1 + math.exp(-float(heatmaps[r, c, index])))
                total, sum_x, sum_y, best = total + p, sum_x + p * c, sum_y + p * r, max(best, p)
        if best >= 0.5:
            moved[index, 0] = sum_x / total / width
            moved[index, 1] = sum_y / total / height
    return moved


@pytest.mark.parametrize("seed", range(4))
def test_refinement_follows_the_rule_point_by_point(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.uniform(-0.1, 1.1, (35, 2)).astype(np.float32)
    points[:4] = [[0.0, 0.0], [0.9999, 0.9999], [-0.01, 0.5], [1.0, 0.5]]
    heatmaps = random.normal(-4, 2.5, (64, 64, 39)).astype(np.float32)
    np.testing.assert_allclose(refine(points, heatmaps), refine_one_by_one(points, heatmaps), atol=1e-6)
    assert (refine(points, heatmaps) != points).any(), "nothing was refined"
    assert (refine(points, heatmaps) == points).all(axis=1).any(), "everything was refined"


def test_a_peak_inside_the_window_draws_the_point_and_one_outside_does_not() -> None:
    points = np.full((2, 2), 0.5, np.float32)
    heatmaps = FLAT.copy()
    heatmaps[30, 36, 0] = heatmaps[30, 37, 1] = 20
    np.testing.assert_allclose(refine(points, heatmaps), [[36 / 64, 30 / 64], [0.5, 0.5]], atol=1e-6)


@pytest.mark.parametrize("value", [1e30, -1e30, 5.0])
def test_points_far_outside_stay_where_they_are(value: float) -> None:
    points = np.full((1, 2), value, np.float32)
    np.testing.assert_array_equal(refine(points, FLAT + 60), points)


def test_the_centre_of_the_crop_is_the_centre_of_the_region() -> None:
    read = decode(make_raw(z=12.8), Region(300, 200, 512, 1.0))
    np.testing.assert_allclose(read.keypoints, [[300, 200, 25.6, 0.5]] * 33, rtol=1e-6)


def test_a_turned_region_turns_points_and_metres_clockwise() -> None:
    world = np.tile(np.array([0.0, -1.0, 0.5], np.float32), 39)
    read = decode(make_raw(128, 0), Region(0, 0, 256, math.pi / 2), world=world)
    np.testing.assert_allclose(read.keypoints[:, :2], [[128, 0]] * 33, atol=1e-4)
    np.testing.assert_allclose(read.world, [[1, 0, 0.5]] * 33, atol=1e-6)


def test_the_next_region_comes_from_the_two_auxiliary_points() -> None:
    read = decode(make_raw(), Region(300, 200, 512, 0.25))
    assert read.next_region is not None
    assert read.next_region.rotation == pytest.approx(0.25)
    assert (read.next_region.cx, read.next_region.cy) == pytest.approx((300, 200))
    assert read.next_region.size == pytest.approx(2 * 51.2 * 2 * 1.25)


def test_auxiliary_points_that_coincide_give_no_next_region() -> None:
    raw = make_raw().reshape(39, 5)
    raw[34] = raw[33]
    assert decode(raw.ravel(), Region(0, 0, 256)).next_region is None


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_nobody(bad: float) -> None:
    raw, world = make_raw(), np.zeros(117, np.float32)
    raw[3] = bad
    assert decode_landmarks(raw, FLAT, world, Region(0, 0, 256)) is None
    world[98] = bad
    assert decode_landmarks(make_raw(), FLAT, world, Region(0, 0, 256)) is None


def test_unused_rows_may_hold_anything() -> None:
    raw = make_raw()
    raw[35 * 5 :] = math.nan
    assert np.isfinite(decode(raw, Region(0, 0, 256)).keypoints).all()
