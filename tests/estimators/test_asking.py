from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators.asking import asked, opened, require_image
from sidecar.estimators.protocol import Cancelled
from sidecar.pose.region import Region
from tests.estimators.makers import CancelAtQuestion

IMAGE = np.zeros((4, 6, 3), np.uint8)
REGION = Region(2, 2, 4)


def test_each_image_comes_with_its_regions() -> None:
    second = np.ones((1, 1, 3), np.uint8)
    pairs = list(asked([IMAGE, second, IMAGE], [[REGION], None, []], cancel=None))
    assert [wanted for _, wanted in pairs] == [[REGION], None, []]
    assert [image is given for (image, _), given in zip(pairs, [IMAGE, second, IMAGE], strict=True)] == [True] * 3


def test_without_regions_each_image_is_asked_for_as_a_whole() -> None:
    assert [wanted for _, wanted in asked([IMAGE, IMAGE], None, cancel=None)] == [None, None]
    assert list(asked([], None, cancel=None)) == []


@pytest.mark.parametrize("regions", [[], [None], [None] * 3], ids=len)
def test_regions_for_another_number_of_images_are_refused(regions: list[None]) -> None:
    with pytest.raises(ValueError, match=rf"one entry per image \(2\), got {len(regions)}"):
        next(asked([IMAGE, IMAGE], regions, cancel=None))


def test_the_last_image_is_checked_before_the_first_is_given() -> None:
    with pytest.raises(ValueError, match=r"got uint8 \(4, 4\)"):
        next(asked([IMAGE, np.zeros((4, 4), np.uint8)], None, cancel=None))


def test_it_stops_between_images_when_cancelled() -> None:
    given = asked([IMAGE, IMAGE], None, cancel=CancelAtQuestion(2))
    next(given)
    with pytest.raises(Cancelled):
        next(given)


def test_parts_are_had_until_there_are_none() -> None:
    parts = object()
    assert opened(parts) is parts
    with pytest.raises(RuntimeError, match="the estimator is closed"):
        opened(None)


@pytest.mark.parametrize(
    ("image", "named"),
    [
        (np.zeros((4, 4), np.uint8), r"uint8 \(4, 4\)"),
        (np.zeros((4, 4, 4), np.uint8), r"uint8 \(4, 4, 4\)"),
        (np.zeros((4, 4, 3), np.float32), r"float32 \(4, 4, 3\)"),
        (np.zeros((0, 4, 3), np.uint8), r"uint8 \(0, 4, 3\)"),
    ],
    ids=["grey", "four channels", "float", "empty"],
)
def test_what_is_no_image_is_refused_with_its_type_and_shape(image: NDArray[Any], named: str) -> None:
    with pytest.raises(ValueError, match=rf"uint8 with shape \(height, width, 3\), got {named}"):
        require_image(image)


def test_an_image_wider_than_opencv_can_warp_is_refused() -> None:
    require_image(np.zeros((1, 32_766, 3), np.uint8))
    with pytest.raises(ValueError, match="at most 32766 px wide and high, got 32767 x 1"):
        require_image(np.zeros((1, 32_767, 3), np.uint8))
