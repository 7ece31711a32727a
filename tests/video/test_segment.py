"""Which frames a segment's finder sees, and what is kept of what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from sidecar.finding.protocol import Sighting
from sidecar.media.damage import Loss
from sidecar.pose.person import Person
from sidecar.video.footage import Footage, open_footage
from sidecar.video.plan import Segment, segments
from sidecar.video.poses_file import BrokenPose
from sidecar.video.segment import find_people
from sidecar.video.source import identify
from tests.media.clips import make_clip
from tests.tracking.makers import make_person

FPS = 25
KEYPOINTS = 33


class RecordingFinder:
    """Answers when it has seen all there is; remembers what it saw."""

    def __init__(self, *, warm_up_frames: int = 0, look_ahead_frames: int = 0, score: float = 0.9) -> None:
        self.warm_up_frames = warm_up_frames
        self.look_ahead_frames = look_ahead_frames
        self.score = score
        self.seen: list[tuple[int, int]] = []
        self.asked: tuple[int, int] | None = None

    def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
        """See `SegmentFinder.find`."""
        self.asked = start, stop
        seen = [(frame.index, frame.time_ns) for frame in frames]
        self.seen += seen
        for index, _ in seen:
            if start <= index < stop:
                yield index, [make_person(index, score=self.score)]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=40)


@pytest.mark.parametrize("suffix", ["mp4", "h264"])
@pytest.mark.parametrize(
    ("warm_up", "look_ahead", "first", "last"),
    [
        pytest.param(0, 0, 20, 29, id="its own frames"),
        pytest.param(4, 0, 16, 29, id="a few before"),
        pytest.param(0, 5, 20, 34, id="a few after"),
        pytest.param(0, 50, 20, 39, id="no more than there are"),
    ],
)
def test_a_finder_sees_its_segment_and_what_it_asks_for(
    tmp_path: Path, suffix: str, warm_up: int, look_ahead: int, first: int, last: int
) -> None:
    path = make_clip(tmp_path / f"clip.{suffix}", frames=40)
    finder = RecordingFinder(warm_up_frames=warm_up, look_ahead_frames=look_ahead)
    part = find_people(open_footage(identify(path)), Segment(2, 20, 30, warm_up), finder, keypoints=KEYPOINTS)
    assert [index for index, _ in finder.seen] == list(range(first, last + 1))
    assert [frame.index for frame in part.frames] == list(range(20, 30))
    assert (part.number, part.loss) == (2, Loss())
    assert set(part.seconds) == {"decode", "infer", "total"}


def test_times_count_from_one_interval_before_the_first_frame(clip: Path) -> None:
    finder = RecordingFinder()
    part = find_people(open_footage(identify(clip)), Segment(0, 10, 13, 0), finder, keypoints=KEYPOINTS)
    assert [time_ns for _, time_ns in finder.seen] == [round((index + 1) / FPS * 1e9) for index in (10, 11, 12)]
    assert [frame.time_s for frame in part.frames] == [index / FPS for index in (10, 11, 12)]


def damaged(folder: Path) -> Footage:
    path = make_clip(folder / "clip.ts", frames=40)
    data = bytearray(path.read_bytes())
    middle = len(data) * 11 // 20
    data[middle : middle + 376] = bytes(376)  # two packets of the transport stream
    path.write_bytes(bytes(data))
    return open_footage(identify(path))


def test_frames_that_cannot_be_decoded_leave_no_hole_for_the_finder(tmp_path: Path) -> None:
    footage = damaged(tmp_path)
    frames = footage.frames
    assert frames is not None
    seen: list[int] = []
    reported: list[int] = []
    for segment in segments(frames, warm_up_frames=2):
        finder = RecordingFinder(warm_up_frames=2, look_ahead_frames=3)
        part = find_people(footage, segment, finder, keypoints=KEYPOINTS)
        indices = [index for index, _ in finder.seen]
        assert indices == list(range(indices[0], indices[0] + len(indices)))
        assert finder.asked is not None
        assert finder.asked[1] - finder.asked[0] == len(part.frames)
        seen += indices
        reported += [frame.index for frame in part.frames]
    assert reported == sorted(set(reported))
    assert 30 <= len(reported) < 41


def test_a_number_that_is_not_finite_is_refused_before_it_is_kept(clip: Path) -> None:
    finder = RecordingFinder(score=float(np.nan))
    with pytest.raises(BrokenPose, match="frame 3: score must be from 0 to 1, got nan"):
        find_people(open_footage(identify(clip)), Segment(0, 3, 9, 0), finder, keypoints=KEYPOINTS)


def test_frames_are_told_of_when_they_were_looked_at_not_when_all_were(clip: Path) -> None:
    told: list[int] = []

    class Watching(RecordingFinder):
        def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
            for frame in frames:
                assert len(told) == min(max(frame.index - start, 0), stop - start)
            yield from super().find([], start=start, stop=stop)

    finder = Watching(warm_up_frames=4, look_ahead_frames=5)
    segment = Segment(2, 20, 30, 4)
    find_people(open_footage(identify(clip)), segment, finder, keypoints=KEYPOINTS, on_frame=lambda: told.append(1))
    assert len(told) == 10


def test_frames_that_are_read_twice_are_told_of_once(tmp_path: Path) -> None:
    footage, told = damaged(tmp_path), [0]

    def count() -> None:
        told[0] += 1

    assert footage.frames is not None
    for segment in segments(footage.frames, warm_up_frames=2):
        before = told[0]
        finder = RecordingFinder(warm_up_frames=2, look_ahead_frames=3)
        part = find_people(footage, segment, finder, keypoints=KEYPOINTS, on_frame=count)
        assert told[0] - before == len(part.frames)


def test_whoever_counts_frames_can_stop_the_work(clip: Path) -> None:
    counted: list[int] = []

    def count() -> None:
        counted.append(1)
        if len(counted) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_people(
            open_footage(identify(clip)), Segment(0, 0, 40, 0), RecordingFinder(), keypoints=KEYPOINTS, on_frame=count
        )
