"""The main person of a segment: followed, searched for when lost, looked for again backward in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sidecar.estimators.protocol import CancelToken
from sidecar.finding.album import Album
from sidecar.finding.belief import agrees, continuity, distance
from sidecar.finding.effort import Effort
from sidecar.finding.following import DOUBTFUL, STEADY, fitness, follow, lies
from sidecar.finding.gaze import Gaze, ProposingEstimator
from sidecar.finding.leaps import without_leaps
from sidecar.finding.protocol import Sighting
from sidecar.finding.searching import search
from sidecar.finding.shots import Shots
from sidecar.finding.trail import SIZE_ROOM, Direction, Look, Trail
from sidecar.pose.person import Person
from sidecar.pose.region import Region

WARM_UP_FRAMES = 8
LOOK_AHEAD_FRAMES = 8
SIGHTING_MIN = 0.65  # a person found by searching must be worth this much
CHECK_MIN = 0.5  # what the detector is less certain of proves nothing
CHECK_DOUBTFUL = 2  # frames from check to check while a person is doubtful
LOOKS_AT_CHECK = 5
CHECK_SIDES = 1.3  # the window of every other check, in sizes of the region
LARGER_WINS, LARGER_MAX = 1.1, 2.0  # poses slide from a whole person to a part of them, not the other way
UPRIGHT_WINS = 1.15  # ... and to what lies around them
GAP_SEARCHES, LOOKS_IN_GAPS = 6, 10
SIGHTING_IN_GAP_MIN = 0.5  # near where the person was before or after
PHANTOM_LOOKS = 2  # a person seen no more often, and never steadily, was not there
NEAR_FRAMES_MAX = 10  # how long before or after
SAME_PERSON = 0.3  # continuity from where somebody was lost to where somebody is found
LOOKS_WHILE_LOST = 4  # at each frame after the first
LOOKS_BACKWARD = 6
SIGHTING_LYING_MIN = 0.75  # ... and this much when lying: horizons and fences are bodies that lie
RESUME_MIN = 0.75  # what following must find after a frame without anybody; less is for searching
LOST_FRAMES_MAX = 5  # for so many frames somebody is expected where they would have moved to


class OnePerson:
    """See `SegmentFinder`."""

    warm_up_frames = WARM_UP_FRAMES
    look_ahead_frames = LOOK_AHEAD_FRAMES

    def __init__(
        self, estimator: ProposingEstimator, effort: Effort, *, min_score: float, cancel: CancelToken | None = None
    ) -> None:
        self._estimator = estimator
        self._effort = effort
        self._min_score = min_score
        self._cancel = cancel

    def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
        """See `SegmentFinder.find`. Frames before the segment are looked at only if its first leaves doubt."""
        work, before = self._segment(), list[Sighting]()
        for frame in frames:
            if frame.index < start:
                before.append(frame)
                continue
            if frame.index >= stop and work.seen_at_the_end():
                break
            work.forward(frame)
            if before and not work.sure():
                work = self._segment()
                for earlier in [*before, frame]:
                    work.forward(earlier)
            before.clear()
        work.backward()
        work.search_gaps()
        yield from work.people(start, stop, self._min_score)

    def _segment(self) -> _Segment:
        return _Segment(Gaze(self._estimator, self._effort, cancel=self._cancel), self._effort)


class _Segment:
    def __init__(self, gaze: Gaze, effort: Effort) -> None:
        self._gaze = gaze
        self._effort = effort
        self._checked = 0
        self._checks = 0
        self._confirmed = False
        self._album = Album()
        self._shots = Shots()
        self._frames: list[int] = []
        self._trails: list[Trail] = []
        self._searches = 0

    def sure(self) -> bool:
        """Whether the last frame has somebody beyond doubt."""
        look = self._at(self._frames[-1])
        return look is not None and look.worth >= STEADY

    def seen_at_the_end(self) -> bool:
        """Whether the last frame has somebody."""
        return bool(self._frames) and self._at(self._frames[-1]) is not None

    def forward(self, frame: Sighting) -> None:
        """Look for the person in the next frame."""
        index = frame.index
        self._album.keep(index, frame.image)
        self._shots.add(index, frame.image)
        self._frames.append(index)
        self._gaze.next_frame()
        trail = self._trails[-1] if self._trails else None
        if trail is not None and not self._shots.together(trail.last, index):
            trail = None
        lost = index - trail.last if trail is not None else 0
        look, near = None, None
        if trail is not None and lost <= LOST_FRAMES_MAX:
            near = trail.expected(index, 1)
            look = follow(self._gaze, self._album[index], trail, index, 1)
        if look is not None and (lost == 1 or look.worth >= RESUME_MIN):
            assert trail is not None
            trail.looks[index] = look
            self._confirmed &= lost == 1
            sure = self._confirmed and look.worth >= DOUBTFUL
            if index - self._checked >= (self._effort.check_every if sure else CHECK_DOUBTFUL):
                self._check(index, trail, look, window=_upright(look.region) if self._checks % 2 else None)
            return
        if lost != 1:
            self._gaze.turn_to_frame(LOOKS_WHILE_LOST, reserve=0)
        found = search(self._gaze, self._album[index], near=near, lost_frames=lost, turn=self._searches)
        self._searches += 1
        if found is not None and found.worth >= _needed(found):
            self._add(index, found, near, lost)

    def _add(self, index: int, found: Look, near: Region | None, lost: int) -> None:
        """A person found by searching: the one who was lost, or the beginning of a new trail."""
        if near is None or fitness(found, self._trails[-1], index, 1) < SAME_PERSON:
            self._trails.append(Trail())
        self._trails[-1].looks[index] = found
        self._checked = index
        self._confirmed = False
        if lies(found.region):
            self._check(index, self._trails[-1], found, window=_upright(found.region))

    def _check(self, index: int, trail: Trail, look: Look, *, window: Region | None) -> None:
        """Ask the detector, which knows nothing of the past, whether it sees the same person."""
        self._checked = index
        self._checks += 1
        picture = self._album[index]
        self._gaze.turn_to_frame(LOOKS_AT_CHECK)
        if not self._gaze.may_look():
            return
        for proposal in self._gaze.propose(picture, window, min_score=CHECK_MIN):
            near = _near(proposal.region, look.region)
            if near and agrees(proposal.region, look.region):
                self._confirmed = True
                return
            if not near and look.worth >= DOUBTFUL and self._confirmed:
                continue  # another person, and this one is well in sight
            if not self._gaze.may_look():
                return
            rival = self._gaze.settle(picture, proposal.region, looks=2)
            if rival is None or (near and agrees(rival.region, look.region)):
                continue
            if rival.worth * _favour(rival, look) > look.worth:
                del trail.looks[index]
                self._trails.append(Trail({index: rival}))
                self._confirmed = True
                return

    def search_gaps(self) -> None:
        """Spend what is left on frames that nobody was found in."""
        empty = [index for index in self._frames if index in self._album and self._at(index) is None]
        for index in empty[:: max(1, len(empty) // GAP_SEARCHES)]:
            if self._at(index) is not None:
                continue
            near = self._expected(index)
            self._gaze.turn_to_frame(LOOKS_IN_GAPS)
            found = search(self._gaze, self._album[index], near=near, lost_frames=0, turn=self._searches)
            self._searches += 1
            if found is None or found.worth < SIGHTING_IN_GAP_MIN:
                continue
            if found.worth >= _needed(found) or (near is not None and continuity(near, found.region) >= SAME_PERSON):
                self._trails.append(Trail({index: found}))
                self._fill(self._trails[-1], index, 1)
                self._fill(self._trails[-1], index, -1)

    def _expected(self, index: int) -> Region | None:
        """Where the person should be in a frame between others, by the nearest look."""
        ways: tuple[Direction, ...] = (1, -1)
        anchors = [
            (abs(index - anchor), number, way)
            for number, trail in enumerate(self._trails)
            for way in ways
            if (anchor := trail.anchor(index, way)) is not None and self._shots.together(index, anchor)
        ]
        if not anchors or min(anchors)[0] > NEAR_FRAMES_MAX:
            return None
        _, number, way = min(anchors)
        return self._trails[number].expected(index, way)

    def _fill(self, trail: Trail, index: int, direction: Direction) -> None:
        """Follow a trail through empty frames."""
        index += direction
        first = index - direction
        while (
            index in self._album
            and self._at(index) is None
            and self._gaze.may_read()
            and self._shots.together(first, index)
        ):
            self._gaze.turn_to_frame(LOOKS_BACKWARD)
            look = follow(self._gaze, self._album[index], trail, index, direction)
            if look is None:
                return
            trail.looks[index] = look
            index += direction

    def backward(self) -> None:
        """From every look back into frames where nobody, somebody doubtful, or the same person otherwise was found."""
        self._gaze.save(self._effort.second_savings)
        self._trails = without_leaps([trail for trail in self._trails if trail.looks], self._shots)
        contested = False
        for index in reversed(self._frames):
            later = self._later(index)
            if index not in self._album or later is None:
                continue
            anchor = later.anchor(index, -1)
            if anchor is not None and not self._shots.together(index, anchor):
                anchor = None
            now, mine = self._at(index), index in later.looks
            if mine or anchor is None or anchor - index > LOST_FRAMES_MAX:
                contested = False
            elif anchor == index + 1:
                contested = contested or now is not None
            if now is not None and now.worth >= DOUBTFUL and not contested:
                continue
            if anchor is None or anchor - index > LOST_FRAMES_MAX:
                continue
            self._gaze.turn_to_frame(LOOKS_BACKWARD)
            look = follow(self._gaze, self._album[index], later, index, -1)
            if look is None or (now is not None and not self._replaces(look, now)):
                contested = False
                continue
            for other in self._trails:
                other.looks.pop(index, None)
            later.looks[index] = look

    def _later(self, index: int) -> Trail | None:
        """The trail that has the next look after a frame."""
        later = [(anchor, trail) for trail in self._trails if (anchor := trail.anchor(index, -1)) is not None]
        return min(later, key=lambda pair: pair[0], default=(0, None))[1]

    def _replaces(self, look: Look, now: Look) -> bool:
        """Whether a look shows the same person better than the one that is there."""
        if now.worth >= DOUBTFUL and (agrees(look.region, now.region) or not _near(look.region, now.region)):
            return False
        return look.worth * _favour(look, now) > now.worth

    def people(self, start: int, stop: int, min_score: float) -> Iterator[tuple[int, list[Person]]]:
        """Entry for entry."""
        self._trails = without_leaps([t for t in self._trails if self._is_true(t, min_score)], self._shots)
        for index in self._frames:
            if start <= index < stop:
                look = self._at(index)
                yield index, [] if look is None else [look.person]

    def _is_true(self, trail: Trail, min_score: float) -> bool:
        """Whether somebody was there: seen well once, and more than for a moment unless at an end of the frames."""
        looks = trail.looks.values()
        if not looks or max(look.person.score for look in looks) < min_score:
            return False
        ends = trail.first == self._frames[0] or trail.last == self._frames[-1]
        return ends or len(looks) > PHANTOM_LOOKS or max(look.worth for look in looks) >= STEADY

    def _at(self, index: int) -> Look | None:
        return next((t.looks[index] for t in self._trails if index in t.looks), None)


def _near(one: Region, other: Region) -> bool:
    return distance(one, other) < max(one.size, other.size)


def _needed(found: Look) -> float:
    """What a person found by searching must be worth."""
    return SIGHTING_LYING_MIN if lies(found.region) else SIGHTING_MIN


def _upright(region: Region) -> Region:
    """A window in which a detector sees whoever stands upright in a region."""
    return Region(region.cx, region.cy, region.size * CHECK_SIDES)


def _favour(look: Look, now: Look) -> float:
    """What a look's worth is multiplied with when it would take the place of another."""
    ratio = look.region.size / now.region.size
    favour = 1.0
    if SIZE_ROOM < max(ratio, 1 / ratio) < LARGER_MAX:
        favour = LARGER_WINS if ratio > 1 else 1 / LARGER_WINS
    lying, lay = lies(look.region), lies(now.region)
    if lying != lay:
        favour *= 1 / UPRIGHT_WINS if lying else UPRIGHT_WINS
    return favour
