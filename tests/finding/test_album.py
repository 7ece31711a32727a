"""Pictures for a second look, in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.finding.album import ALBUM_BYTES, PICTURES_MIN, Album, shrunk

SMALL = np.zeros((36, 64, 3), np.uint8)


def test_what_fits_is_kept_as_it_is() -> None:
    picture = shrunk(SMALL, limit_bytes=SMALL.nbytes)
    assert picture.image is SMALL
    assert (picture.scale, picture.width, picture.height) == (1, 64, 36)


def test_a_larger_picture_is_made_smaller_and_says_so() -> None:
    picture = shrunk(SMALL, limit_bytes=SMALL.nbytes // 4)
    assert picture.image.nbytes <= SMALL.nbytes // 4
    assert picture.scale == pytest.approx(0.5)
    assert (picture.width, picture.height) == pytest.approx((64, 36))


def test_the_oldest_pictures_go_when_there_is_no_room() -> None:
    album = Album(limit_bytes=PICTURES_MIN * SMALL.nbytes)
    for index in range(PICTURES_MIN + 3):
        album.keep(index, SMALL)
    assert [index for index in range(PICTURES_MIN + 3) if index in album] == list(range(3, PICTURES_MIN + 3))


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (3840, 2160), (7680, 4320)])
def test_a_segment_of_any_format_fits(width: int, height: int) -> None:
    picture = shrunk(np.zeros((height, width, 3), np.uint8), limit_bytes=ALBUM_BYTES // PICTURES_MIN)
    assert picture.image.nbytes * PICTURES_MIN <= ALBUM_BYTES


def test_a_picture_of_one_pixel_survives() -> None:
    assert shrunk(np.zeros((1, 1, 3), np.uint8), limit_bytes=1).image.shape == (1, 1, 3)
