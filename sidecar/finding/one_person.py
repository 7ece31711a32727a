"""The main person of a segment: followed, searched for when lost, looked for again backward in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sidecar.estimators.protocol import CancelToken
from sidecar.finding.album import Album
from sidecar.finding.belief import agrees, continuity, distance
from sidecar.finding.effort import Effort
from sidecar.finding.following import follow
from sidecar.finding.gaze import Gaze, ProposingEstimator
from sidecar.finding.protocol import Sighting
from sidecar.finding.searching import search
from sidecar.finding.trail import Look, Trail
from sidecar.pose.person import Person
from sidecar.pose.region import Region

LOOK_AHEAD_FRAMES = 8
DOUBTFUL = 0.6  # a look worth less is replaced by a better one
SIGHTING_MIN = 0.5  # a person found by searching must be worth this much
CHECK_MIN = 0.5  # what the detector is less certain of proves nothing
LARGER_WINS = 1.1  # poses slide from a whole person to a part of them, not the other way
SAME_PERSON = 0.3  # continuity from where somebody was lost to where somebody is found
LOOKS_WHILE_LOST = 4  # at each frame after the first
LOOKS_BACKWARD = 6
LOST_FRAMES_MAX = 5  # for so many frames somebody is expected where they would have moved to


class OnePerson:
    """See `SegmentFinder`."""

    warm_up_frames = 0
    look_ahead_frames = LOOK_AHEAD_FRAMES

    def __init__(
        self, estimator: ProposingEstimator, effort: Effort, *, min_score: float, cancel: CancelToken | None = None
    ) -> None:
        self._estimator = estimator
        self._effort = effort
        self._min_score = min_score
        self._cancel = cancel

    def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
        """See `SegmentFinder.find`."""
        work = _Segment(Gaze(self._estimator, self._effort, cancel=self._cancel), self._effort, start, stop)
        for frame in frames:
            if frame.index < start:
                continue
            if frame.index >= stop and work.seen_at_the_end():
                break
            work.forward(frame)
        work.backward()
        yield from work.people(self._min_score)


class _Segment:
    def __init__(self, gaze: Gaze, effort: Effort, start: int, stop: int) -> None:
        self._gaze = gaze
        self._effort = effort
        self._checked = start
        self._suspect: set[int] = set()
        self._start = start
        self._stop = stop
        self._album = Album()
        self._frames: list[int] = []
        self._trails: list[Trail] = []
        self._searches = 0

    def seen_at_the_end(self) -> bool:
        """Whether the last frame has somebody."""
        return bool(self._frames) and self._at(self._frames[-1]) is not None

    def forward(self, frame: Sighting) -> None:
        """Look for the person in the next frame."""
        index = frame.index
        self._album.keep(index, frame.image)
        self._frames.append(index)
        self._gaze.next_frame()
        trail = self._trails[-1] if self._trails else None
        lost = index - trail.last if trail is not None else 0
        look, near = None, None
        if trail is not None and lost <= LOST_FRAMES_MAX:
            near = trail.expected(index, 1)
            look = follow(self._gaze, self._album[index], trail, index, 1)
        if look is not None:
            assert trail is not None
            trail.looks[index] = look
            if look.worth < DOUBTFUL or index - self._checked >= self._effort.check_every:
                self._check(index, trail, look)
            return
        if lost > 1 or (trail is None and self._searches):
            self._gaze.turn_to_frame(LOOKS_WHILE_LOST)
        found = search(self._gaze, self._album[index], near=near, lost_frames=lost, turn=self._searches)
        self._searches += 1
        if found is not None and found.worth >= SIGHTING_MIN:
            self._add(index, found, near, lost)

    def _add(self, index: int, found: Look, near: Region | None, lost: int) -> None:
        """A person found by searching: the one who was lost, or the beginning of a new trail."""
        if near is None or continuity(near, found.region, frames=1 + lost) < SAME_PERSON:
            self._trails.append(Trail())
        self._trails[-1].looks[index] = found
        self._checked = index

    def _check(self, index: int, trail: Trail, look: Look) -> None:
        """Ask the detector, which knows nothing of the past, whether it sees the same person."""
        self._checked = index
        picture = self._album[index]
        if not self._gaze.may_look():
            return
        for proposal in self._gaze.propose(picture, None, min_score=CHECK_MIN):
            near = distance(proposal.region, look.region) < look.region.size
            if near and agrees(proposal.region, look.region):
                return
            if not near and look.worth >= DOUBTFUL:
                continue  # another person, and this one is well in sight
            if not self._gaze.may_look():
                return
            rival = self._gaze.settle(picture, proposal.region, looks=2)
            if rival is None or (near and agrees(rival.region, look.region)):
                continue
            favour = LARGER_WINS if rival.region.size > look.region.size else 1 / LARGER_WINS
            if rival.worth * favour > look.worth:
                del trail.looks[index]
                self._trails.append(Trail({index: rival}))
                self._suspect.update(i for i in self._frames if i < index)
                return

    def backward(self) -> None:
        """From every look back into frames where nobody, or somebody doubtful, was found."""
        for index in reversed(self._frames):
            if index not in self._album:
                break
            now = self._at(index)
            if now is not None and now.worth >= DOUBTFUL:
                continue
            later = [trail for trail in self._trails if trail.anchor(index, -1) is not None]
            trail = min(later, key=lambda t: t.anchor(index, -1) or 0, default=None)
            if trail is None:
                continue
            anchor = trail.anchor(index, -1)
            if anchor is None or anchor - index > LOST_FRAMES_MAX:
                continue
            self._gaze.turn_to_frame(LOOKS_BACKWARD)
            look = follow(self._gaze, self._album[index], trail, index, -1)
            if look is not None and (now is None or look.worth > now.worth):
                for other in self._trails:
                    other.looks.pop(index, None)
                trail.looks[index] = look

    def people(self, min_score: float) -> Iterator[tuple[int, list[Person]]]:
        """Entry for entry."""
        for index in self._frames:
            if index < self._stop:
                look = self._at(index)
                yield index, [] if look is None else [look.person]

    def _at(self, index: int) -> Look | None:
        return next((t.looks[index] for t in self._trails if index in t.looks), None)
