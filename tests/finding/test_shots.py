"""Cuts between scenes, and what is none."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.estimators.protocol import Image
from sidecar.finding.shots import Shots

RANDOM = np.random.default_rng(5)


def scene() -> Image:
    coarse = RANDOM.integers(0, 255, (6, 10, 3), dtype=np.uint8)
    return np.ascontiguousarray(coarse.repeat(30, axis=0).repeat(32, axis=1))


def shots(*images: Image) -> Shots:
    result = Shots()
    for index, image in enumerate(images):
        result.add(index, image)
    return result


def test_another_scene_is_a_cut_from_both_sides() -> None:
    one, other = scene(), scene()
    cut = shots(one, one, other, other)
    assert [cut.together(0, 1), cut.together(1, 2), cut.together(2, 1), cut.together(2, 3)] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: np.roll(image, 12, axis=1), id="moved"),
        pytest.param(lambda image: (image // 2).astype(np.uint8), id="darker"),
        pytest.param(
            lambda image: np.clip(image + RANDOM.normal(0, 15, image.shape), 0, 255).astype(np.uint8), id="noise"
        ),
    ],
)
def test_the_same_scene_is_no_cut(change: object) -> None:
    image = scene()
    assert shots(image, change(image)).together(0, 1)  # type: ignore[operator]


def test_pictures_of_one_colour_are_one_scene() -> None:
    assert shots(np.zeros((9, 16, 3), np.uint8), np.full((9, 16, 3), 200, np.uint8)).together(0, 1)


def test_a_scene_after_black_is_another() -> None:
    assert not shots(np.zeros((180, 320, 3), np.uint8), scene()).together(0, 1)


def test_pictures_of_one_pixel_and_of_changing_size_are_no_error() -> None:
    assert shots(np.zeros((1, 1, 3), np.uint8), np.zeros((3, 2, 3), np.uint8)).together(0, 1)
