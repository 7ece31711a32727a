"""Points between pixels: known centres are found, and nothing makes a NaN."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators.vitpose.decode import BLUR_PX, BLUR_SIGMA, blur, decode, find_peaks, refine


def bump(x: float, y: float, *, height: float = 0.9, sigma: float = 2.0) -> NDArray[np.float32]:
    rows, columns = np.mgrid[0:64, 0:48]
    spot = height * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return np.asarray(spot, np.float32)


def test_the_blur_is_the_published_one() -> None:
    import cv2

    assert (BLUR_PX, BLUR_SIGMA) == (11, 2.0)
    spot = bump(20, 30)
    np.testing.assert_array_equal(blur(spot[None])[0], cv2.GaussianBlur(spot, (11, 11), 0))


@pytest.mark.parametrize(("x", "y"), [(20.0, 30.0), (20.3, 30.45), (13.51, 40.98), (9.0, 53.7), (38.2, 9.6)])
def test_a_known_centre_is_found_between_pixels(x: float, y: float) -> None:
    points, scores = decode(bump(x, y)[None])
    np.testing.assert_allclose(points[0], [x, y], atol=0.01)
    assert 0.85 < scores[0] <= 0.9


def test_a_peak_on_the_border_stays_near() -> None:
    centres = [(0.0, 0.0), (47.0, 63.0), (0.0, 30.0), (5.0, 58.7)]
    points, _ = decode(np.stack([bump(x, y) for x, y in centres]))
    np.testing.assert_allclose(points, centres, atol=1.5)


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_heatmap_without_a_positive_value_scores_nothing(value: float) -> None:
    points, scores = decode(np.full((17, 64, 48), value, np.float32))
    assert np.isfinite(points).all()
    np.testing.assert_array_equal(scores, 0)


def test_noise_gives_numbers() -> None:
    noise = np.random.default_rng(3).normal(size=(200, 64, 48)).astype(np.float32) * np.float32(1e4)
    points, scores = decode(noise)
    assert np.isfinite(points).all()
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_a_ridge_without_curvature_stays_at_its_peak() -> None:
    flat = np.full((1, 64, 48), 0.5, np.float32)
    flat[0, 30, 20] = 0.5000001
    np.testing.assert_array_equal(refine(find_peaks(flat)[0], np.full_like(flat, 0.5)), [[20, 30]])
