"""The people of one segment: what a worker does, whoever asks it to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from sidecar.estimators.protocol import CancelToken, Estimator
from sidecar.finding.choose import finder_for
from sidecar.finding.protocol import SegmentFinder, Sighting
from sidecar.media.damage import Loss
from sidecar.media.video_reader import VideoFrameRGB
from sidecar.video.background import Prefetch
from sidecar.video.blueprint import Blueprint
from sidecar.video.footage import Footage, Stretch
from sidecar.video.people import FramePeople
from sidecar.video.plan import Segment
from sidecar.video.poses_file import require_sound
from sidecar.video.stage_clock import StageClock

FRAMES_AHEAD = 4  # decoded frames waiting; each is a picture in memory


@dataclass(frozen=True, slots=True)
class SegmentPeople:
    """Every frame of a segment that could be decoded, with the people observed in it.

    Attributes:
        frames: numbered as the plan does; numbers of frames that could not be decoded are missing.
        seconds: per stage, of this segment's work.
    """

    number: int
    frames: Sequence[FramePeople]
    loss: Loss = field(default_factory=Loss)
    seconds: dict[str, float] = field(default_factory=dict)


class _FramesMissing(Exception):
    """A frame of the segment cannot be decoded."""


def segment_finder(blueprint: Blueprint, estimator: Estimator, *, cancel: CancelToken | None = None) -> SegmentFinder:
    """What finds the people of a blueprint's segments."""
    assembling = blueprint.assembling
    return finder_for(
        estimator,
        effort=blueprint.effort,
        min_score=assembling.min_score,
        max_gap_s=assembling.max_gap_s,
        cancel=cancel,
    )


def find_people(
    footage: Footage,
    segment: Segment,
    finder: SegmentFinder,
    *,
    keypoints: int,
    on_frame: Callable[[], None] = lambda: None,
    check: Callable[[], None] = lambda: None,
    decodes_ahead: bool = True,
) -> SegmentPeople:
    """Find the people of a segment's frames.

    Args:
        finder: without memory of other segments.
        keypoints: how many each person must have.
        on_frame: called for each frame when it was looked at once; may raise to stop the work.
        check: called for all that is decoded on the way to the segment; may raise too.
        decodes_ahead: decode in a thread beside the finder. Where no core is idle, that only keeps the finder waiting.

    Raises:
        MediaError: the source cannot be read.
        BrokenPose: the estimator answered numbers that are not finite, or too few.
    """
    work = _Work(footage, segment, finder, keypoints, on_frame, check, decodes_ahead)
    try:
        found, loss = work.find(present=None)
    except _FramesMissing:
        # A damaged stretch is read twice: the finder must know how many frames there are before it begins.
        found, loss = work.find(present=work.present())
    return SegmentPeople(segment.number, found, loss, work.clock.seconds())


@dataclass(slots=True)
class _Work:
    footage: Footage
    segment: Segment
    finder: SegmentFinder
    keypoints: int
    on_frame: Callable[[], None]
    check: Callable[[], None]
    decodes_ahead: bool
    clock: StageClock = field(default_factory=StageClock)
    told: int = 0  # frames of the segment that `on_frame` was called for: they may be read twice

    def present(self) -> list[int]:
        """Numbers of the frames that can be decoded."""
        with self._stretch() as stretch:
            return [frame.index for frame in stretch]

    def find(self, *, present: Sequence[int] | None) -> tuple[list[FramePeople], Loss]:
        """The people of each frame, and what of the segment was lost.

        Raises:
            _FramesMissing: some frames are, and which is not known (`present` is None).
        """
        start, stop = self.segment.start, self.segment.stop
        if present is not None:
            # The finder counts on frames without gaps: those that are there move together, the segment's first stays.
            before = sum(index < start for index in present)
            stop = start + sum(start <= index < self.segment.stop for index in present)
            if stop == start:
                return [], self._loss()
            shown = {index: start - before + place for place, index in enumerate(present)}
        times_s: dict[int, tuple[int, float]] = {}

        def sightings(frames: Iterator[VideoFrameRGB]) -> Iterator[Sighting]:
            counts = present is None and self.footage.frames is not None
            expected, seen = self.segment.first_needed, 0
            for frame in frames:
                if counts and frame.index != expected:
                    raise _FramesMissing
                expected = frame.index + 1
                index = frame.index if present is None else shown[frame.index]
                times_s[index] = frame.index, frame.time_s
                yield Sighting(index, round((frame.time_s - self.footage.origin_s) * 1e9), frame.image)
                seen += self.segment.start <= frame.index < self.segment.stop
                if seen > self.told:
                    self.told = seen
                    self.on_frame()
            if counts and expected < self.segment.stop:
                raise _FramesMissing

        found: list[FramePeople] = []
        with self._stretch() as stretch, self._prefetched(self.clock.measure_each("decode", stretch)) as frames:
            entries = self.finder.find(sightings(iter(frames)), start=start, stop=stop)
            for index, people in self.clock.measure_each("infer", entries):
                number, time_s = times_s.pop(index)
                for person in people:
                    require_sound(person, self.keypoints, frame=number)
                found.append(FramePeople(number, time_s, tuple(people)))
            if not self.decodes_ahead:
                self.clock.add({"infer": -self.clock.seconds().get("decode", 0.0)})  # it was waited for inside
            return found, stretch.loss

    def _stretch(self) -> AbstractContextManager[Stretch]:
        segment = self.segment
        last, counted = segment.stop + self.finder.look_ahead_frames, range(segment.start, segment.stop)
        return self.footage.stretch(segment.first_needed, last, counted=counted, check=self.check)

    def _prefetched(self, frames: Iterator[VideoFrameRGB]) -> AbstractContextManager[Iterable[VideoFrameRGB]]:
        return Prefetch(frames, ahead=FRAMES_AHEAD) if self.decodes_ahead else nullcontext(frames)

    def _loss(self) -> Loss:
        with self.footage.stretch(self.segment.start, self.segment.stop, check=self.check) as stretch:
            for _ in stretch:
                pass
            return stretch.loss
