from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators.blazepose.crop import BLACK, REPLICATE, crop, whole
from sidecar.pose.region import Region

Pixels = NDArray[np.uint8]


def make_image(height: int = 64, width: int = 64) -> Pixels:
    return np.random.default_rng(5).integers(1, 255, (height, width, 3), np.uint8)


def test_the_whole_of_a_square_image_at_its_own_size_is_the_image() -> None:
    image = make_image()
    np.testing.assert_array_equal(crop(image, whole(image), side_px=64, border=BLACK), image)


@pytest.mark.parametrize("turns", range(4))
def test_a_region_turned_clockwise_shows_the_picture_turned_back(turns: int) -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:32, :32], image[:32, 32:], image[32:, 32:], image[32:, :32] = 10, 20, 30, 40
    turned = crop(image, Region(32, 32, 64, turns * math.pi / 2), side_px=64, border=BLACK)
    np.testing.assert_array_equal(turned[16::32, 16::32], np.rot90(image, turns)[16::32, 16::32])


def test_the_letterbox_of_a_wide_image_is_black_above_and_below() -> None:
    image = make_image(32, 64)
    square = crop(image, whole(image), side_px=64, border=BLACK)
    np.testing.assert_array_equal(square[16:48], image)
    assert not square[:15].any()
    assert not square[49:].any()


def test_beyond_the_edge_its_pixels_are_repeated() -> None:
    image = make_image()
    outside = crop(image, Region(-1000, 32, 64), side_px=64, border=REPLICATE)
    np.testing.assert_array_equal(outside, np.broadcast_to(image[:, :1], image.shape))


@pytest.mark.parametrize("size", [1e-30, 1e-3, 1.0, 1e6, 1e30])
@pytest.mark.parametrize("centre", [0.0, -1e30, 1e9])
@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (700, 1)], ids=str)
def test_no_region_of_any_image_breaks_it(size: float, centre: float, shape: tuple[int, int]) -> None:
    assert crop(make_image(*shape), Region(centre, 0.0, size, 0.3), side_px=8, border=REPLICATE).shape == (8, 8, 3)


def test_an_image_seen_through_strides_is_cropped_like_its_copy() -> None:
    view = make_image(64, 128)[::-1, ::2, ::-1]
    region = Region(30, 30, 40, 0.4)
    expected = crop(np.ascontiguousarray(view), region, side_px=32, border=REPLICATE)
    np.testing.assert_array_equal(crop(view, region, side_px=32, border=REPLICATE), expected)
