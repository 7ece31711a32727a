"""Windows in unbiased coordinates: to the crop and back, turned or not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sidecar.estimators.vitpose.window import Window, around_box, around_region, crop, matrix, to_image
from sidecar.pose.region import Region


@pytest.mark.parametrize(
    ("box", "sides"),
    [
        ((10, 20, 40, 100), (75, 100)),  # tall: widened to 60 x 80, then a quarter more
        ((10, 20, 130, 60), (150, 200)),  # wide: grown in height
        ((0, 0, 30, 40), (37.5, 50)),
    ],
)
def test_boxes_grow_to_the_networks_aspect(box: tuple[float, float, float, float], sides: tuple[float, float]) -> None:
    window = around_box(*box)
    assert window is not None
    assert (window.width, window.height) == pytest.approx(sides)
    assert (window.cx, window.cy) == ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (5, 5, 4, 9), (0, 0, math.nan, 4), (0, 0, math.inf, 4)])
def test_boxes_without_area_are_passed_over(box: tuple[float, float, float, float]) -> None:
    assert around_box(*box) is None


def test_a_region_lies_within_its_window() -> None:
    window = around_region(Region(50, 60, 30, 0.3))
    assert (window.width, window.height, window.rotation) == (30, 40, 0.3)


def test_upright_windows_are_warped_as_published() -> None:
    """`get_warp_matrix(0, 2 centre, (191, 255), size)` of mmpose, written once more."""
    window = Window(31.5, 47.25, 60, 80)
    scale_x, scale_y = 191 / 60, 255 / 80
    published = [
        [scale_x, 0, scale_x * (-0.5 * 2 * 31.5 + 0.5 * 60)],
        [0, scale_y, scale_y * (-0.5 * 2 * 47.25 + 0.5 * 80)],
    ]
    np.testing.assert_allclose(matrix(window), published, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("turn", [0.0, 0.5, -2.0, math.pi])
def test_there_and_back(turn: float) -> None:
    window = Window(100.5, 80.25, 60, 80, turn)
    corners = np.array([[0.0, 0.0], [47, 0], [47, 63], [0, 63], [13.2, 40.7]])
    placed = to_image(corners, window, columns=48, rows=64)
    homogeneous = np.concatenate([placed, np.ones((5, 1))], axis=1)
    seen = homogeneous @ matrix(window).T.astype(np.float64)
    np.testing.assert_allclose(seen, corners * [191 / 47, 255 / 63], atol=1e-3)


def test_a_turned_window_sees_its_person_upright() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[98:103, 128:133] = 255  # to the right of the middle
    # Its up points right: x of the window runs down, y runs left.
    seen = crop(image, Window(100, 100, 75, 100, math.pi / 2))
    rows, columns = np.nonzero(seen[:, :, 0] > 100)
    assert rows.mean() < 70
    assert abs(columns.mean() - 95.5) < 3


def test_black_beyond_the_image() -> None:
    seen = crop(np.full((20, 20, 3), 200, np.uint8), Window(0, 0, 30, 40))
    assert seen[:100, :80].max() == 0
    assert seen[200, 150, 0] == 200
