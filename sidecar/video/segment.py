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
from sidecar.video.footage import Footage
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
    decodes_ahead: bool = True,
) -> SegmentPeople:
    """Find the people of a segment's frames.

    Args:
        finder: without memory of other segments.
        keypoints: how many each person must have.
        on_frame: called for each frame that is done; may raise to stop the work.
        decodes_ahead: decode in a thread beside the finder. Where no core is idle, that only keeps the finder waiting.

    Raises:
        MediaError: the source cannot be read.
        BrokenPose: the estimator answered numbers that are not finite, or too few.
    """
    clock = StageClock()
    first, last = segment.first_needed, segment.stop + finder.look_ahead_frames
    try:
        found, loss = _find(footage, segment, finder, clock, on_frame, keypoints, decodes_ahead, present=None)
    except _FramesMissing:
        # A damaged stretch is read twice: the finder must know how many frames there are before it begins.
        with footage.stretch(first, last) as stretch:
            present = [frame.index for frame in stretch]
        found, loss = _find(footage, segment, finder, clock, on_frame, keypoints, decodes_ahead, present=present)
    return SegmentPeople(segment.number, found, loss, clock.seconds())


def _find(
    footage: Footage,
    segment: Segment,
    finder: SegmentFinder,
    clock: StageClock,
    on_frame: Callable[[], None],
    keypoints: int,
    decodes_ahead: bool,
    *,
    present: Sequence[int] | None,
) -> tuple[list[FramePeople], Loss]:
    start, stop = segment.start, segment.stop
    if present is not None:
        # The finder counts on frames without gaps: those that are there move together, the segment's first stays.
        before = sum(index < start for index in present)
        stop = start + sum(start <= index < segment.stop for index in present)
        if stop == start:
            return [], _loss_of(footage, segment)
        shown = {index: start - before + place for place, index in enumerate(present)}
    times_s: dict[int, tuple[int, float]] = {}

    def sightings(frames: Iterator[VideoFrameRGB]) -> Iterator[Sighting]:
        expected = segment.first_needed
        for frame in frames:
            if present is None and footage.frames is not None and frame.index != expected:
                raise _FramesMissing
            expected = frame.index + 1
            index = frame.index if present is None else shown[frame.index]
            times_s[index] = frame.index, frame.time_s
            yield Sighting(index, round((frame.time_s - footage.origin_s) * 1e9), frame.image)
        if present is None and footage.frames is not None and expected < segment.stop:
            raise _FramesMissing

    found: list[FramePeople] = []
    with (
        footage.stretch(
            segment.first_needed, segment.stop + finder.look_ahead_frames, counted=range(segment.start, segment.stop)
        ) as stretch,
        _prefetched(clock.measure_each("decode", stretch), decodes_ahead) as frames,
    ):
        entries = finder.find(sightings(iter(frames)), start=start, stop=stop)
        for index, people in clock.measure_each("infer", entries):
            number, time_s = times_s.pop(index)
            for person in people:
                require_sound(person, keypoints, frame=number)
            found.append(FramePeople(number, time_s, tuple(people)))
            on_frame()
        if not decodes_ahead:
            clock.add({"infer": -clock.seconds().get("decode", 0.0)})  # it was waited for inside
        return found, stretch.loss


def _prefetched(
    frames: Iterator[VideoFrameRGB], decodes_ahead: bool
) -> AbstractContextManager[Iterable[VideoFrameRGB]]:
    return Prefetch(frames, ahead=FRAMES_AHEAD) if decodes_ahead else nullcontext(frames)


def _loss_of(footage: Footage, segment: Segment) -> Loss:
    with footage.stretch(segment.start, segment.stop) as stretch:
        for _ in stretch:
            pass
        return stretch.loss
