"""Sample frames come from the right moments of the overlay, and a bad overlay costs only them."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest

from sidecar.report.collect import Sample, sample_frames
from sidecar.report.pictures import MAX_SIDE_PX, Picture, pictures
from sidecar.report.survey import survey
from tests.media.clips import make_clip, picture
from tests.report.makers import make_result, one_track


def pixels(one: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    head, data = one.address.split(",", 1)
    assert head == "data:image/jpeg;base64"
    decoded = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded[:, :, ::-1], np.uint8)


def samples(*times_s: float) -> list[Sample]:
    return [Sample(number, time_s, ()) for number, time_s in enumerate(times_s)]


@pytest.mark.parametrize(
    "ticks", [None, [0, 100, 150, 400, 1000, 1100, 1150, 1300, 2000, 2100]], ids=["even", "variable"]
)
def test_every_sample_shows_its_own_frame(tmp_path: Path, ticks: list[int] | None) -> None:
    make_clip(tmp_path / "overlay.mp4", frames=10, ticks=ticks)
    times = [tick / 2500 for tick in (ticks or range(0, 1000, 100))]
    found, missing = pictures(tmp_path, samples(*times))
    assert missing is None
    for number, one in enumerate(found):
        differences = [np.abs(pixels(one).astype(int) - picture(index)).mean() for index in range(10)]
        assert int(np.argmin(differences)) == number


def test_large_frames_become_small(tmp_path: Path) -> None:
    make_clip(tmp_path / "overlay.mp4", frames=2, width=1280, height=320)
    [one], _ = pictures(tmp_path, samples(0.0))
    assert (one.width, one.height) == (MAX_SIDE_PX, 105)
    assert pixels(one).shape == (105, MAX_SIDE_PX, 3)


def test_pictures_have_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "overlay.png"), picture())
    found, missing = pictures(tmp_path, samples(0.0))
    assert (len(found), missing) == (1, None)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (None, b"", "overlay.mp4 is absent"),
        ("overlay.mp4", b"", "overlay.mp4 cannot be read"),
        ("overlay.mp4", b"<script>" * 100, "overlay.mp4 cannot be read"),
        ("overlay.mp4", b"#EXTM3U\nhttp://example.com/a.ts\n", "overlay.mp4"),
        ("overlay.png", b"no picture", "overlay.png cannot be read"),
    ],
)
def test_a_bad_overlay_is_told(tmp_path: Path, name: str | None, content: bytes, says: str) -> None:
    if name is not None:
        (tmp_path / name).write_bytes(content)
    found, missing = pictures(tmp_path, samples(0.0))
    assert found == []
    assert missing is not None
    assert says in missing


def test_samples_are_spread_and_show_the_farthest_fills(tmp_path: Path) -> None:
    people = one_track("d" * 200 + "i" * 9 + "d" * 191)
    people[204][0]["distance"] = 5
    numbers = survey(make_result(tmp_path, people))
    frames = sample_frames(numbers)
    assert frames == sorted(frames)
    assert 204 in frames
    assert len(frames) == 8
    assert max(np.diff([0, *frames, 400])) <= 60


@pytest.mark.parametrize(("letters", "frames"), [("", []), ("d", [0]), ("dd", [0, 1])])
def test_short_videos_have_no_more_samples_than_frames(tmp_path: Path, letters: str, frames: list[int]) -> None:
    assert sample_frames(survey(make_result(tmp_path, one_track(letters)))) == frames
