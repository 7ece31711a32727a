"""The way through a segment, whoever is looked for: forward through its frames, then back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from sidecar.estimators.protocol import CancelToken
from sidecar.finding.effort import Effort
from sidecar.finding.gaze import Gaze, ProposingEstimator
from sidecar.finding.protocol import Sighting
from sidecar.pose.person import Person

WARM_UP_FRAMES = 8
LOOK_AHEAD_FRAMES = 8


class Work(Protocol):
    """What is known of a segment so far."""

    def forward(self, frame: Sighting) -> None:
        """Look at the next frame."""

    def settle(self) -> None:
        """Look at the last frame, if it was left for later: it is the first or the last of the segment."""

    def sure(self) -> bool:
        """Whether the last frame has somebody, and nobody who is in doubt."""

    def somebody_is_lost(self) -> bool:
        """Whether somebody is missing from the last frame."""

    def finish(self) -> None:
        """All frames have been seen once: look back."""

    def people(self, start: int, stop: int, min_score: float) -> Iterator[tuple[int, list[Person]]]:
        """Entry for entry, best score first."""


class InPasses:
    """See `SegmentFinder`. `new_work` begins with a segment, given what may be looked at and how often."""

    warm_up_frames = WARM_UP_FRAMES
    look_ahead_frames = LOOK_AHEAD_FRAMES
    new_work: Callable[[Gaze, Effort], Work]

    def __init__(
        self, estimator: ProposingEstimator, effort: Effort, *, min_score: float, cancel: CancelToken | None = None
    ) -> None:
        self._estimator = estimator
        self._effort = effort
        self._min_score = min_score
        self._cancel = cancel

    def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
        """See `SegmentFinder.find`."""
        yield from find(frames, self._begin, start=start, stop=stop, min_score=self._min_score)

    def _begin(self) -> Work:
        return type(self).new_work(Gaze(self._estimator, self._effort, cancel=self._cancel), self._effort)


def find(
    frames: Iterable[Sighting], new_work: Callable[[], Work], *, start: int, stop: int, min_score: float
) -> Iterator[tuple[int, list[Person]]]:
    """See `SegmentFinder.find`.

    Frames before the segment are looked at only if its first leaves doubt, those after it while somebody is lost.
    """
    work, before, seen = new_work(), list[Sighting](), False
    for frame in frames:
        if frame.index < start:
            before.append(frame)
            continue
        if frame.index >= stop:
            work.settle()
            if not (seen and work.somebody_is_lost()):
                break
        work.forward(frame)
        if before and not work.sure():
            work = new_work()
            for earlier in [*before, frame]:
                work.forward(earlier)
            work.settle()
        before.clear()
        seen = True
    work.finish()
    yield from work.people(start, stop, min_score)
