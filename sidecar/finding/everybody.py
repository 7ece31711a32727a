"""Everybody in a segment, by an estimator with a person detector: followed between its boxes, forward and backward."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sidecar.estimators.proposing import Proposal
from sidecar.estimators.protocol import CancelToken
from sidecar.finding.album import Album
from sidecar.finding.belief import agrees, nearness
from sidecar.finding.effort import Effort
from sidecar.finding.following import DOUBTFUL, PROPOSED_MIN, STEADY, around, follow, judged, lies
from sidecar.finding.gaze import Gaze, ProposingEstimator
from sidecar.finding.leaps import without_leaps
from sidecar.finding.overlap import box_overlap, covered, part_of, same_person
from sidecar.finding.protocol import Sighting
from sidecar.finding.searching import search
from sidecar.finding.shots import Shots
from sidecar.finding.trail import Direction, Look, Trail
from sidecar.pose.person import LOW_SCORE_MIN, Person

PEOPLE_MAX = 32  # followed at a time
WARM_UP_FRAMES = 8
LOOK_AHEAD_FRAMES = 8
LOST_FRAMES_MAX = 5  # for so many frames somebody is looked for where they would have moved to
CERTAIN_BOX = 0.3  # a box this certain makes a new person, a weaker one only helps to find a known one again
SUPPORT = 0.3  # overlap with some box that a pose needs where the detector looked
INSIDE = 0.8  # share of a box in another one from which on it lies inside
UNSUPPORTED_FRAMES_MAX = 32  # for so many frames a steady pose is believed against the detector, which knows few flips
SIGHTING_MIN = 0.5
LOOKS_AT_BOX = 4  # the first look into a box, and three where the last one led to
BEYOND_DOUBT = 0.9
IN_VAIN_FRAMES, SAME_BOX = 8, 0.5  # for so long a box that overlaps so much is not looked into again
WINDOW_SIDES = 1.6  # of the window around a box, in sizes of its region
LOOKS_WHILE_LOST = 4
CHECK_MIN = 0.4
SIGHTING_SEARCHED_MIN, SIGHTING_LYING_MIN = 0.65, 0.75
SHADOW_LOOKS = 4  # in which two trails were seen together
SHADOW_INSIDE, SHADOW_FRAMES = 0.7, 0.7  # share of a pose's box in another's, and of the frames in which it is
PART_OF_LYING = 0.5  # share of a box in the pose of somebody who lies
# A second person needs a box of so much once and boxes of so much on average; trees have 0.25, the third and smallest
# of a group 0.39.
SECOND_BOX, EVIDENT = 0.4, 0.33
PHANTOM_LOOKS = 2  # whoever is seen no more often, and not at an end of the segment, was not there


class Everybody:
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
            if frame.index >= stop and not work.somebody_is_lost():
                break
            work.forward(frame)
            if before and not work.sure():
                work = self._segment()
                for earlier in [*before, frame]:
                    work.forward(earlier)
            before.clear()
        work.backward()
        yield from work.people(start, stop, self._min_score)

    def _segment(self) -> _Segment:
        return _Segment(Gaze(self._estimator, self._effort, cancel=self._cancel), self._effort)


class _Segment:
    def __init__(self, gaze: Gaze, effort: Effort) -> None:
        self._gaze = gaze
        self._effort = effort
        self._album = Album()
        self._shots = Shots()
        self._frames: list[int] = []
        self._trails: list[Trail] = []
        self._boxes: dict[int, list[Proposal]] = {}
        self._searches = 0
        self._nobody: list[tuple[int, Proposal]] = []
        self._detected = -effort.check_every

    def sure(self) -> bool:
        """Whether the last frame has somebody, and nobody who is in doubt."""
        looks = [trail.looks[self._frames[-1]] for trail in self._trails if self._frames[-1] in trail.looks]
        return bool(looks) and all(look.worth >= STEADY for look in looks)

    def somebody_is_lost(self) -> bool:
        """Whether somebody who was seen lately is missing from the last frame."""
        return bool(self._frames) and any(
            trail.last < self._frames[-1] for trail in self._trails if self._frames[-1] - trail.last <= LOST_FRAMES_MAX
        )

    def forward(self, frame: Sighting) -> None:
        """Follow everybody into the next frame, and ask the detector when it is time or when somebody is in doubt."""
        index = frame.index
        self._album.keep(index, frame.image)
        self._shots.add(index, frame.image)
        self._frames.append(index)
        alive = [
            trail
            for trail in self._trails
            if index - trail.last <= LOST_FRAMES_MAX and self._shots.together(trail.last, index)
        ]
        doubt = not alive
        for trail in alive:
            look = self._follow(trail, index, 1)
            if look is not None:
                trail.looks[index] = look
            doubt |= look is None or look.worth < STEADY
        if doubt or index - self._detected >= self._effort.check_every:
            self._detected = index
            self._compare(index, alive)
        self._part(index)
        if not any(index in trail.looks for trail in self._trails):
            self._search(index, alive)

    def backward(self) -> None:
        """Follow everybody from where they were first seen, or seen again, back into the frames before."""
        for index in reversed(self._frames):
            if index not in self._album:
                return
            for trail in self._trails:
                anchor = trail.anchor(index, -1)
                if index in trail.looks or anchor is None or anchor - index > LOST_FRAMES_MAX:
                    continue
                if not self._shots.together(index, anchor):
                    continue
                look = self._follow(trail, index, -1)
                if look is None or self._taken(look, index):
                    continue
                if look.worth >= STEADY or self._supported(look, index):
                    trail.looks[index] = look
                    self._part(index)

    def people(self, start: int, stop: int, min_score: float) -> Iterator[tuple[int, list[Person]]]:
        """Entry for entry, best score first."""
        true = [trail for trail in self._trails if self._is_seen(trail, min_score)]
        true = united(true)
        true = [trail for trail in true if self._is_evident(trail, true)]
        for index in self._frames:
            if start <= index < stop:
                people = [trail.looks[index].person for trail in true if index in trail.looks]
                yield index, sorted(people, key=lambda person: -person.score)

    def _follow(self, trail: Trail, index: int, direction: Direction) -> Look | None:
        self._gaze.next_frame()
        return follow(self._gaze, self._album[index], trail, index, direction)

    def _detect(self, index: int) -> list[Proposal]:
        """The detector's boxes in a frame, weak ones too."""
        if index not in self._boxes:
            found = self._gaze.propose(self._album[index], None, min_score=LOW_SCORE_MIN)
            self._boxes[index] = distinct(list(found))
        return self._boxes[index]

    def _supported(self, look: Look, index: int) -> bool:
        return any(_overlap(box, look) >= SUPPORT for box in self._detect(index))

    def _taken(self, look: Look, index: int) -> bool:
        return any(index in t.looks and same_person(t.looks[index].person, look.person) for t in self._trails)

    def _compare(self, index: int, alive: Sequence[Trail]) -> None:
        """Hold what was followed against the detector's boxes; boxes without anybody are looked into."""
        boxes = self._detect(index)
        here = [trail for trail in self._trails if index in trail.looks]
        pairs = pair(boxes, [trail.looks[index] for trail in here])
        for number, trail in enumerate(here):
            shown = [boxes[b].score for b, n in pairs.items() if n == number]
            if shown:
                trail.support(index, shown[0])
            elif not self._believed(trail, index, [box for b, box in enumerate(boxes) if b not in pairs]):
                del trail.looks[index]
            elif boxes:
                trail.certainties.append(0.0)
        certain = SECOND_BOX if here else CERTAIN_BOX
        for number, box in enumerate(boxes):
            lost = [trail for trail in alive if index not in trail.looks and _may_show(box, trail, index)]
            if number in pairs or (box.score < certain and not (lost and self._gaze.may_look())):
                continue
            if any(_part_of(box, trail.looks[index]) for trail in self._trails if index in trail.looks):
                continue
            if not lost and self._was_nobody(box, index):
                continue
            look = self._look_into(box, index)
            if look is None or self._taken(look, index):
                self._nobody.append((index, box))
                continue
            again = _continued(lost, look, index)
            if again is not None:
                again.looks[index] = look
                again.support(index, box.score)
            elif box.score >= certain and look.worth >= SIGHTING_MIN and len(alive) < PEOPLE_MAX:
                self._trails.append(Trail({index: look}, supported=index, certainties=[box.score]))

    def _was_nobody(self, box: Proposal, index: int) -> bool:
        """Whether a box was looked into lately, in vain."""
        self._nobody = [(i, other) for i, other in self._nobody if index - i < IN_VAIN_FRAMES]
        return any(
            i < index and box_overlap(box.bbox_xyxy, other.bbox_xyxy) > SAME_BOX
            for i, other in self._nobody
            if box.bbox_xyxy is not None and other.bbox_xyxy is not None
        )

    def _look_into(self, box: Proposal, index: int) -> Look | None:
        """The person in a box: read upright and, unless that is beyond doubt, as the other detector sees them too.

        Who stands on their head and is read upright gives a pose as well: legs for arms.
        """
        picture = self._album[index]
        self._gaze.turn_to_frame(self._effort.looks_at_once)
        best = self._gaze.settle(picture, box.region, looks=LOOKS_AT_BOX)
        if best is not None and _overlap(box, best) < SUPPORT:
            best = None
        if best is not None and best.worth >= BEYOND_DOUBT:
            return best
        for rotation in (0.0, math.pi):
            if not self._gaze.may_look():
                break
            window = replace(box.region, size=box.region.size * WINDOW_SIDES, rotation=rotation)
            for proposal in self._gaze.propose(picture, window, min_score=PROPOSED_MIN):
                if not self._gaze.may_look():
                    break
                look = self._gaze.settle(picture, proposal.region, looks=2)
                if look is None or _overlap(box, look) < SUPPORT:
                    continue
                if best is None or look.worth > best.worth:
                    best = look
        return best

    def _search(self, index: int, alive: Sequence[Trail]) -> None:
        """Look for somebody whom the boxes show to nobody: who is upside down, above all."""
        last = max(alive, key=lambda trail: trail.last, default=None)
        near = None if last is None else last.expected(index, 1)
        self._gaze.next_frame()
        self._gaze.turn_to_frame(LOOKS_WHILE_LOST)
        lost = 0 if last is None else index - last.last
        found = search(self._gaze, self._album[index], near=near, lost_frames=lost, turn=self._searches)
        self._searches += 1
        if found is None or found.worth < (SIGHTING_LYING_MIN if lies(found.region) else SIGHTING_SEARCHED_MIN):
            return
        again = _continued(alive, found, index)
        if again is not None:
            again.looks[index] = found
        elif len(alive) < PEOPLE_MAX:
            self._trails.append(Trail({index: found}, supported=index))

    def _believed(self, trail: Trail, index: int, free: Sequence[Proposal]) -> bool:
        """Whether a pose that no box shows stays: a steady one, unless the detector sees the person otherwise.

        Of who lies or stands on their head the boxes say little; then the other detector is asked, turned like them.
        """
        look = trail.looks[index]
        if look.worth < STEADY:
            return False
        if lies(look.region):
            window = around(look.region)
            self._gaze.turn_to_frame(1)
            for proposal in self._gaze.propose(self._album[index], window, min_score=CHECK_MIN):
                if agrees(proposal.region, look.region):
                    trail.supported = index
                    return True
        if index - trail.supported > UNSUPPORTED_FRAMES_MAX:
            return False
        return not any(box.score >= CERTAIN_BOX and _overlap(box, look) > 0 for box in free)

    def _part(self, index: int) -> None:
        """Where two trails have come to show one person, the one that showed them longer goes on."""
        here = sorted((t for t in self._trails if index in t.looks), key=lambda t: (-len(t.looks), t.first))
        kept: list[Trail] = []
        for trail in here:
            if any(same_person(trail.looks[index].person, other.looks[index].person) for other in kept):
                del trail.looks[index]
            else:
                kept.append(trail)
        self._trails = [trail for trail in self._trails if trail.looks]

    def _is_evident(self, trail: Trail, trails: Sequence[Trail]) -> bool:
        """Whether this is somebody besides the others: a second person needs a box that is more than a suspicion."""
        better = [other for other in trails if (other.evidence, -other.first) > (trail.evidence, -trail.first)]
        if trail.certainty >= EVIDENT:
            return True
        if any(not other.looks.keys().isdisjoint(trail.looks) for other in better):
            return False
        return trail in without_leaps([*better, trail], self._shots)

    def _is_seen(self, trail: Trail, min_score: float) -> bool:
        if max(look.person.score for look in trail.looks.values()) < min_score:
            return False
        ends = trail.first == self._frames[0] or trail.last == self._frames[-1]
        return ends or len(trail.looks) > PHANTOM_LOOKS


def distinct(boxes: Sequence[Proposal]) -> list[Proposal]:
    """The boxes without the weak ones inside of certain ones: a person's half is not another person."""
    kept: list[Proposal] = []
    for box in boxes:
        if box.score >= CERTAIN_BOX or not any(_inside(box, other) for other in kept if other.score >= CERTAIN_BOX):
            kept.append(box)
    return kept


def pair(boxes: Sequence[Proposal], looks: Sequence[Look]) -> dict[int, int]:
    """Which box shows which look, by numbers: each at most once, the best overlaps first."""
    overlaps = [(_overlap(box, look), b, n) for b, box in enumerate(boxes) for n, look in enumerate(looks)]
    pairs: dict[int, int] = {}
    for overlap, b, n in sorted(overlaps, key=lambda item: -item[0]):
        if overlap >= SUPPORT and b not in pairs and n not in pairs.values():
            pairs[b] = n
    return pairs


def united(trails: Sequence[Trail]) -> list[Trail]:
    """The trails, those of one person put together: in each frame the more believable reading."""
    kept: list[Trail] = []
    for trail in sorted(trails, key=lambda trail: (-trail.evidence, trail.first)):
        same = next((other for other in kept if shadows(trail, other)), None)
        if same is None:
            kept.append(trail)
            continue
        for index, look in trail.looks.items():
            if index not in same.looks or look.worth > same.looks[index].worth:
                same.looks[index] = look
        same.certainties += trail.certainties
    return kept


def shadows(trail: Trail, other: Trail) -> bool:
    """Whether two trails lie in each other for most of the frames that they share: two readings of one person."""
    shared = [
        (look.person.bbox_xyxy, other.looks[index].person.bbox_xyxy)
        for index, look in trail.looks.items()
        if index in other.looks
    ]
    within = [max(covered(one, two), covered(two, one)) > SHADOW_INSIDE for one, two in shared]
    return len(shared) >= SHADOW_LOOKS and sum(within) > SHADOW_FRAMES * len(shared)


def _may_show(box: Proposal, trail: Trail, index: int) -> bool:
    """Whether somebody who was lost can be where a box is."""
    expected = trail.expected(index, 1)
    return expected is not None and nearness(expected, box.region, frames=index - trail.last) > 0


def _part_of(box: Proposal, look: Look) -> bool:
    """Whether a box shows a part of somebody who was found whole: of who is upside down, detectors see the legs."""
    if box.bbox_xyxy is None:
        return False
    shown = look.person.bbox_xyxy
    return part_of(box.bbox_xyxy, shown) or (lies(look.region) and covered(box.bbox_xyxy, shown) > PART_OF_LYING)


def _inside(box: Proposal, other: Proposal) -> bool:
    if box.bbox_xyxy is None or other.bbox_xyxy is None:
        return False
    return covered(box.bbox_xyxy, other.bbox_xyxy) > INSIDE


def _overlap(box: Proposal, look: Look) -> float:
    return 0.0 if box.bbox_xyxy is None else box_overlap(box.bbox_xyxy, look.person.bbox_xyxy)


def _continued(lost: Sequence[Trail], look: Look, index: int) -> Trail | None:
    """The lost person whom a look shows, the likeliest."""
    likeliest, most = None, DOUBTFUL / 2
    for trail in lost:
        again = judged(look, trail, index, 1)
        if again is not None and again.worth > most:
            likeliest, most = trail, again.worth
    return likeliest
