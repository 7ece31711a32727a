"""Drawing beside the assembly: watched to its last frame, and ended when nobody wants it any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sidecar.estimators.protocol import Cancelled
from sidecar.media.video_reader import open_video
from sidecar.video.blueprint import Blueprint, draw_up
from sidecar.video.drawing import Drawing
from sidecar.video.footage import open_footage
from sidecar.video.people import FramePeople
from sidecar.video.source import identify
from sidecar.video.stage_clock import StageClock
from tests.media.clips import make_clip
from tests.tracking.makers import ScriptedEstimator
from tests.video.makers import OPTIONS

FRAMES = 60
WITH_OVERLAY = replace(OPTIONS, overlay=True)


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(2)
    assert set(threading.enumerate()) == before


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    source = identify(make_clip(tmp_path / "clip.mp4", frames=FRAMES))
    return draw_up("video_0", source, open_footage(source), WITH_OVERLAY, ScriptedEstimator(lambda *_: []))


class Slow:
    """Takes its time to dress people, and counts."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.dressed = 0

    def __call__(self, frame: FramePeople) -> FramePeople:
        time.sleep(self.seconds)
        self.dressed += 1
        return frame


def draw(blueprint: Blueprint, path: Path, dress: Slow, **hooks: object) -> None:
    with Drawing(blueprint, path, StageClock(), faces=None, dress=dress, **hooks) as drawing:  # type: ignore[arg-type]
        for index in range(FRAMES):
            drawing.add(FramePeople(index, index / 25, ()))
        drawing.finish()


def test_the_last_frames_are_told_of_while_they_are_drawn(blueprint: Blueprint, tmp_path: Path) -> None:
    slow, steps = Slow(0.02), list[int]()
    draw(blueprint, tmp_path / "overlay.mp4", slow, on_step=lambda: steps.append(slow.dressed))
    assert slow.dressed == FRAMES
    assert steps == sorted(steps)
    assert len(set(steps)) > 5
    assert (tmp_path / "overlay.mp4").stat().st_size > 0


def test_people_whose_picture_is_missing_shift_nobody_onto_anothers(tmp_path: Path) -> None:
    shown = [n for n in range(30) if n not in (0, 10, 11, 29)]
    clip = make_clip(tmp_path / "gaps.mp4", frames=len(shown), ticks=[n * 100 for n in shown])
    source = identify(clip)
    blueprint = draw_up("video_0", source, open_footage(source), WITH_OVERLAY, ScriptedEstimator(lambda *_: []))
    with Drawing(blueprint, tmp_path / "overlay.mp4", StageClock(), faces=None) as drawing:
        for index in range(30):
            drawing.add(FramePeople(index, index / 25, ()))
        drawing.finish()
    with open_video(clip) as reader, open_video(tmp_path / "overlay.mp4") as drawn:
        frames, copies = list(reader), list(drawn)
    assert [frame.time_s for frame in copies] == [frame.time_s for frame in frames]
    for frame, copy in zip(frames, copies, strict=True):
        assert np.abs(frame.image.astype(int) - copy.image).mean() < 12


def test_a_drawing_that_stands_still_does_not_look_like_work(blueprint: Blueprint, tmp_path: Path) -> None:
    steps = list[int]()

    class Stuck(Slow):
        def __call__(self, frame: FramePeople) -> FramePeople:
            if frame.index == 30:
                time.sleep(1.0)
                self.stood = len(steps)
            return super().__call__(frame)

    stuck = Stuck(0.0)
    draw(blueprint, tmp_path / "overlay.mp4", stuck, on_step=lambda: steps.append(1))
    assert stuck.stood <= 5, "a second has twenty moments"


def test_a_drawing_that_nobody_wants_ends_without_its_other_frames(blueprint: Blueprint, tmp_path: Path) -> None:
    slow = Slow(0.05)

    def give_up() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        draw(blueprint, tmp_path / "overlay.mp4", slow, on_step=give_up)
    assert slow.dressed < FRAMES / 2
    assert not (tmp_path / "overlay.mp4").exists()


def test_the_source_is_asked_about_while_it_is_read_through(blueprint: Blueprint, tmp_path: Path) -> None:
    asked = [0]

    def check() -> None:
        asked[0] += 1

    draw(blueprint, tmp_path / "overlay.mp4", Slow(0.0), check=check)
    assert asked[0] >= FRAMES
