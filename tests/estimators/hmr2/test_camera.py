from __future__ import annotations

import numpy as np
import pytest

from sidecar.estimators.hmr2.camera import focal_px, project, to_crop, to_full
from sidecar.pose.region import Region

WIDTH, HEIGHT = 640, 360
REGION = Region(211.5, 140.25, 187.0)
CAMERA = np.array([0.83, 0.07, -0.11])


def weak(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The crop's own camera: translation (tx, ty, 2 * 5000 / (256 s)), focal length 5000, px of the crop."""
    placed = points + np.array([CAMERA[1], CAMERA[2], 2 * 5000 / (256 * CAMERA[0] + 1e-9)])
    return np.asarray(5000 * placed[:, :2] / placed[:, 2:] + 128)


def test_a_point_on_the_line_of_sight_is_seen_where_the_crop_sees_it() -> None:
    """The two cameras look in different directions; they agree exactly about points at the body's own depth."""
    points = np.random.default_rng(1).normal(size=(50, 3)) * [0.5, 0.9, 0.0]
    translation = to_full(CAMERA, REGION, width=WIDTH, height=HEIGHT)
    in_image = project(points, translation, focal=focal_px(width=WIDTH, height=HEIGHT), width=WIDTH, height=HEIGHT)
    corner = np.array([REGION.cx, REGION.cy]) - REGION.size / 2
    np.testing.assert_allclose(in_image, weak(points) * REGION.size / 256 + corner, atol=1e-4)


def test_points_before_and_behind_it_differ_by_perspective_only() -> None:
    points = np.array([[0.2, 0.4, 0.3]])
    translation = to_full(CAMERA, REGION, width=WIDTH, height=HEIGHT)
    in_image = project(points, translation, focal=focal_px(width=WIDTH, height=HEIGHT), width=WIDTH, height=HEIGHT)
    corner = np.array([REGION.cx, REGION.cy]) - REGION.size / 2
    assert 0 < np.abs(in_image - (weak(points) * REGION.size / 256 + corner)).max() < 2


def test_there_and_back() -> None:
    for camera in (CAMERA, np.array([0.05, -3, 4.0]), np.array([7.0, 0, 0])):
        translation = to_full(camera, REGION, width=WIDTH, height=HEIGHT)
        np.testing.assert_allclose(to_crop(translation, REGION, width=WIDTH, height=HEIGHT), camera, atol=1e-6)


def test_the_published_formula_by_hand() -> None:
    # f = 5000/256*640 = 12500; bs = 200; tz = 125; tx' = 2*(220-320)/200 + .1 = -.9; ty' = 2*(200-180)/200 - .2 = 0
    found = to_full(np.array([1.0, 0.1, -0.2]), Region(220, 200, 200), width=640, height=360)
    np.testing.assert_allclose(found, [-0.9, 0, 125], atol=1e-6)
    pixels = project(np.zeros((1, 3)), found, focal=12500, width=640, height=360)
    np.testing.assert_allclose(pixels, [[230, 180]], atol=1e-4)


@pytest.mark.parametrize("depth", [0.0, -3.0, float("nan")])
def test_what_is_behind_the_camera_is_refused(depth: float) -> None:
    with pytest.raises(ValueError, match="in front"):
        to_crop(np.array([0, 0, depth]), REGION, width=WIDTH, height=HEIGHT)
    with pytest.raises(ValueError, match="behind the camera"):
        project(np.zeros((1, 3)), np.array([0, 0, depth]), focal=1, width=WIDTH, height=HEIGHT)
