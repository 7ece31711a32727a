from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators.hmr2.crop import crop, square_of
from sidecar.pose.region import Region
from tests.estimators.hmr2 import reference

STEP = 1 / (255 * 0.224)  # one grey level, normalised


def picture(height: int, width: int, seed: int = 1, coarse: int = 12) -> NDArray[np.uint8]:
    small = np.random.default_rng(seed).integers(0, 256, (height // coarse + 2, width // coarse + 2, 3), np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


BOXES = {
    "small, enlarged": (60.0, 40.0, 110.0, 160.0),
    "as large as the crop": (50.0, 20.0, 242.0, 276.0),
    "just not blurred": (20.0, 10.0, 300.0, 573.0),
    "just blurred": (20.0, 10.0, 300.0, 574.0),
    "large": (30.0, -40.0, 600.0, 700.0),
    "wide": (10.0, 200.0, 630.0, 300.0),
    "over the edge": (-300.0, -200.0, 300.0, 500.0),
    "fractions": (33.3, 21.7, 180.9, 402.2),
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_it_is_the_published_crop(box: tuple[float, float, float, float]) -> None:
    image = picture(640, 640)
    region = square_of(*box)
    assert region is not None
    found = crop(image, region)
    assert found.shape == (3, 256, 192)
    assert found.dtype == np.float32
    wanted = reference.crop(image, box)
    # OpenCV takes places to 1/32 px, which at the edge to black is 255/64 grey levels, and rounds values of 8 bits.
    assert np.abs(found - wanted).max() < (255 / 64 + 1) * STEP
    assert np.abs(found - wanted).mean() < 0.3 * STEP


def test_blurring_a_part_is_blurring_the_whole() -> None:
    """The part that is read, cut out before the blur, against OpenCV's warp of the image blurred as a whole."""
    image = picture(700, 900)
    for region in (Region(450, 350, 620), Region(100, 90, 700), Region(880, 690, 800), Region(450, 350, 620, 0.4)):
        whole = reference.blurred(image, (region.size / 512 - 1) / 2)
        cos, sin, step = math.cos(region.rotation), math.sin(region.rotation), region.size / 256
        to_image = step * np.array([[cos, -sin], [sin, cos]])
        shift = np.array([region.cx, region.cy]) - to_image @ [128, 128]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpAffine(whole, np.column_stack([to_image, shift]), (256, 256), flags=flags)
        mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
        wanted = ((warped - 255 * mean) / (255 * std)).transpose(2, 0, 1)[:, :, 32:-32]
        difference = np.abs(crop(image, region) - wanted)
        assert difference.max() < STEP
        assert np.median(difference) < 1e-4


def test_a_turned_region_is_seen_upright() -> None:
    image = picture(400, 400)
    turned = np.ascontiguousarray(np.rot90(image, -1))  # clockwise: what was up now points right
    upright = crop(image, Region(200 - 0.5, 200 - 0.5, 300))
    found = crop(turned, Region(200 - 0.5, 200 - 0.5, 300, math.pi / 2))
    assert np.abs(found - upright).max() < 3 * STEP


@pytest.mark.parametrize(
    ("box", "size"),
    [
        pytest.param((0, 0, 30, 100), 100, id="tall: its height"),
        pytest.param((0, 0, 75, 100), 100, id="just 3 to 4"),
        pytest.param((0, 0, 90, 100), 120, id="broad: four thirds of its width"),
        pytest.param((-20, -10, 100, 20), 160, id="lying"),
    ],
)
def test_a_box_becomes_a_square(box: tuple[float, float, float, float], size: float) -> None:
    found = square_of(*box)
    assert found is not None
    assert found.size == pytest.approx(size)
    assert (found.cx, found.cy) == ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


@pytest.mark.parametrize("box", [(0, 0, 0, 9), (0, 0, 9, 0), (9, 0, 0, 9), (0, 0, math.nan, 9), (0, 0, math.inf, 9)])
def test_a_box_without_area_is_nothing(box: tuple[float, float, float, float]) -> None:
    assert square_of(*box) is None


@pytest.mark.parametrize("region", [Region(-5000, 50, 200), Region(50, 5000, 900), Region(1e6, 1e6, 2000)])
def test_beyond_the_image_there_is_black(region: Region) -> None:
    black = (0 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    found = crop(picture(100, 100), region)
    np.testing.assert_allclose(found, np.broadcast_to(black[:, None, None], found.shape), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1)])
def test_the_thinnest_images_are_cropped(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 200, np.uint8)
    assert np.isfinite(crop(image, Region(shape[1] / 2, shape[0] / 2, 700))).all()
