"""The lens: where known points land, and that rays and projection agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sidecar.mannequin.camera import Camera
from tests.mannequin.makers import make_camera


def test_a_point_straight_ahead_lands_in_the_middle() -> None:
    camera = make_camera()
    assert camera.project(camera.to_camera(np.array([[0.0, 1.0, 0.0]]))) == pytest.approx(np.array([[160.0, 90.0]]))


def test_world_right_is_image_right_and_world_up_is_image_up() -> None:
    camera = make_camera()
    right, up = camera.project(camera.to_camera(np.array([[0.5, 1.0, 0.0], [0.0, 1.5, 0.0]])))
    assert right[0] > 160
    assert right[1] == pytest.approx(90)
    assert up[1] < 90


def test_distance_is_the_camera_z() -> None:
    assert make_camera(back=4.0).to_camera(np.array([[0.0, 1.0, 1.5]]))[0, 2] == pytest.approx(2.5)


def test_a_lens_that_looks_down_raises_the_horizon() -> None:
    level = make_camera()
    tilted = Camera(level.position, math.radians(5), level.focal_px, level.width, level.height)
    far = np.array([[0.0, 1.0, -1000.0]])
    assert tilted.project(tilted.to_camera(far))[0, 1] < level.project(level.to_camera(far))[0, 1] - 10


def test_the_rotation_is_a_rotation() -> None:
    rotation = Camera(np.zeros(3), 0.3, 100.0, 64, 64).rotation
    assert rotation @ rotation.T == pytest.approx(np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1.0)


@pytest.mark.parametrize("supersample", [1, 2, 3])
def test_rays_pass_through_the_middles_of_sub_pixels(supersample: int) -> None:
    camera = make_camera()
    columns, rows = camera.ray_grid(supersample)
    point = np.array([[columns[5] * 3.0, rows[7] * 3.0, 3.0]])
    assert camera.project(point)[0] * supersample == pytest.approx([5.5, 7.5], abs=1e-3)
