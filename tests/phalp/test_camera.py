"""The tracker's camera in pixels of the original frame."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.phalp import camera
from tests.phalp.makers import body

SIZES = [(640, 360), (360, 640), (500, 500), (1919, 1079)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_middle_of_the_square_is_the_middle_of_the_frame(width: int, height: int) -> None:
    [middle] = camera.from_square(np.array([[0.5, 0.5]]), width=width, height=height)
    assert np.abs(middle - (width / 2, height / 2)).max() <= 0.5  # odd margins are rounded down


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_both_ways_to_pixels_agree(width: int, height: int) -> None:
    joints, place, side = body().astype(np.float64), np.array([0.3, -0.2, 55.0]), max(width, height)
    placed = joints + place
    square = 5000 / 256 * placed[:, :2] / placed[:, 2:] + 0.5  # what the network keeps: focal length over the side
    ours = camera.project(joints, place, width=width, height=height)
    assert np.abs(camera.from_square(square, width=width, height=height) - ours).max() < 1e-9 * side


def test_a_metre_has_the_same_pixels_in_depth_as_sideways() -> None:
    root, place = np.zeros(3), np.array([0.0, 0.0, 50.0])
    joints = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])
    depths = camera.depth_px(joints, place, root=root, width=640, height=360)
    sideways = camera.project(joints[:1], place, width=640, height=360)[0, 0] - 320
    assert np.abs(depths - (0, sideways, -sideways)).max() < 1e-9


def test_what_lies_behind_the_camera_is_refused() -> None:
    joints = np.zeros((2, 3))
    with pytest.raises(ValueError, match="depth -1 m, behind the camera"):
        camera.project(joints, np.array([0.0, 0.0, -1.0]), width=64, height=48)
    with pytest.raises(ValueError, match="hips lie at depth 0 m"):
        camera.depth_px(joints, np.zeros(3), root=np.zeros(3), width=64, height=48)


def test_scale_is_a_share_of_the_longer_side() -> None:
    assert camera.scale_px(0.25, width=640, height=360) == camera.scale_px(0.25, width=360, height=640) == 160
