"""Everybody in a segment, by an estimator with a person detector: followed between its boxes, forward and backward."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sidecar.estimators.proposing import Proposal
from sidecar.finding.belief import agrees
from sidecar.finding.boxes import (
    CERTAIN_BOX,
    SUPPORT,
    InVain,
    distinct,
    made_of,
    may_show,
    overlap_with,
    pair,
    shows_part_of,
)
from sidecar.finding.edges import drop_stretched_edges
from sidecar.finding.effort import Effort
from sidecar.finding.evidence import evident
from sidecar.finding.following import DOUBTFUL, PROPOSED_MIN, STEADY, around, follow, judged, lies
from sidecar.finding.footage import Footage
from sidecar.finding.gaze import Gaze
from sidecar.finding.overlap import same_person
from sidecar.finding.passes import InPasses
from sidecar.finding.protocol import Sighting
from sidecar.finding.searching import LOOKS_WHILE_LOST, needed, search
from sidecar.finding.trail import Direction, Look, Trail
from sidecar.pose.person import LOW_SCORE_MIN, Person

PEOPLE_MAX = 32  # followed at a time
LOST_FRAMES_MAX = 5  # for so many frames somebody is looked for where they would have moved to
UNSUPPORTED_FRAMES_MAX = 32  # for so many frames a steady pose is believed against the detector, which knows few flips
SECOND_BOX = 0.4  # of somebody besides others: boxes of trees and of halves of people are weaker
SIGHTING_MIN = 0.5  # what a pose in such a box must be worth
LOOKS_AT_BOX = 4  # the first look into a box, and three where the last one led to
BEYOND_DOUBT = 0.9  # a pose in a box that is worth this much is the person's, upright
WINDOW_SIDES = 1.6  # of the window around a box, in sizes of its region
TURNED_MIN = 0.4  # what the detector that is turned like somebody is less certain of proves nothing


class _Segment:
    def __init__(self, gaze: Gaze, effort: Effort) -> None:
        self._gaze = gaze
        self._effort = effort
        self._footage = Footage()
        self._trails: list[Trail] = []
        self._boxes: dict[int, list[Proposal]] = {}
        self._searches = 0
        self._in_vain = InVain()
        self._detected = -effort.check_every

    def settle(self) -> None:
        """See `passes.Work.settle`: no frame is left for later."""

    def sure(self) -> bool:
        """Whether the last frame has somebody, and nobody who is in doubt."""
        last = self._footage.last
        looks = [trail.looks[last] for trail in self._trails if last in trail.looks]
        return bool(looks) and all(look.worth >= STEADY for look in looks)

    def somebody_is_lost(self) -> bool:
        """Whether somebody who was seen lately is missing from the last frame."""
        return any(0 < self._footage.last - trail.last <= LOST_FRAMES_MAX for trail in self._trails)

    def forward(self, frame: Sighting) -> None:
        """Follow everybody into the next frame, and ask the detector when it is time or when somebody is in doubt."""
        index = frame.index
        self._footage.add(frame)
        alive = [
            trail
            for trail in self._trails
            if index - trail.last <= LOST_FRAMES_MAX and self._footage.shots.together(trail.last, index)
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

    def finish(self) -> None:
        """Follow everybody from where they were first seen, or seen again, back into the frames before."""
        for index in reversed(self._footage.frames):
            if index not in self._footage:
                return
            for trail in self._trails:
                anchor = trail.anchor(index, -1)
                if index in trail.looks or anchor is None or anchor - index > LOST_FRAMES_MAX:
                    continue
                if not self._footage.shots.together(index, anchor):
                    continue
                look = self._follow(trail, index, -1)
                if look is None or self._taken(look, index):
                    continue
                others = [other.looks[index] for other in self._trails if index in other.looks]
                if (look.worth >= STEADY and not made_of(look, others)) or self._supported(look, index):
                    trail.looks[index] = look
                    self._part(index)

    def people(self, start: int, stop: int, min_score: float) -> Iterator[tuple[int, list[Person]]]:
        """Entry for entry, best score first."""
        trails = evident(self._trails, self._footage, min_score=min_score)
        drop_stretched_edges(trails, self._footage.frames)
        for index in self._footage.frames:
            if start <= index < stop:
                people = [trail.looks[index].person for trail in trails if index in trail.looks]
                yield index, sorted(people, key=lambda person: -person.score)

    def _follow(self, trail: Trail, index: int, direction: Direction) -> Look | None:
        self._gaze.next_frame()
        return follow(self._gaze, self._footage[index], trail, index, direction)

    def _detect(self, index: int) -> list[Proposal]:
        """The detector's boxes in a frame, weak ones too."""
        if index not in self._boxes:
            found = self._gaze.propose(self._footage[index], None, min_score=LOW_SCORE_MIN)
            self._boxes[index] = distinct(list(found))
        return self._boxes[index]

    def _supported(self, look: Look, index: int) -> bool:
        return any(overlap_with(box, look) >= SUPPORT for box in self._detect(index))

    def _taken(self, look: Look, index: int) -> bool:
        return any(index in t.looks and same_person(t.looks[index].person, look.person) for t in self._trails)

    def _compare(self, index: int, alive: Sequence[Trail]) -> None:
        """Hold what was followed against the detector's boxes; boxes without anybody are looked into."""
        boxes = self._detect(index)
        here = [trail for trail in self._trails if index in trail.looks]
        pairs = pair(boxes, [trail.looks[index] for trail in here])
        shown_looks = [here[number].looks[index] for number in pairs.values()]
        for number, trail in enumerate(here):
            shown = [boxes[b].score for b, n in pairs.items() if n == number]
            if shown:
                trail.support(index, shown[0])
            elif made_of(trail.looks[index], shown_looks) or not self._believed(
                trail, index, [box for b, box in enumerate(boxes) if b not in pairs]
            ):
                del trail.looks[index]
            elif boxes:
                trail.certainties.append(0.0)
        in_vain = list[Proposal]()
        self._in_vain.forget(index)
        certain = SECOND_BOX if here else CERTAIN_BOX
        for number, box in enumerate(boxes):
            lost = [trail for trail in alive if index not in trail.looks and may_show(box, trail, index)]
            if number in pairs or (box.score < certain and not (lost and self._gaze.may_look())):
                continue
            if any(shows_part_of(box, trail.looks[index]) for trail in self._trails if index in trail.looks):
                continue
            if not lost and box in self._in_vain:
                continue
            look = self._look_into(box, index)
            if look is None or self._taken(look, index):
                in_vain.append(box)
                continue
            again = _continued(lost, look, index)
            if again is not None:
                again.looks[index] = look
                again.support(index, box.score)
            elif box.score >= certain and look.worth >= SIGHTING_MIN and len(alive) < PEOPLE_MAX:
                self._trails.append(Trail({index: look}, supported=index, certainties=[box.score]))
        for box in in_vain:
            self._in_vain.add(box, index)

    def _look_into(self, box: Proposal, index: int) -> Look | None:
        """The person in a box: read upright and, unless that is beyond doubt, as the other detector sees them too.

        Who stands on their head and is read upright gives a pose as well: legs for arms.
        """
        picture = self._footage[index]
        self._gaze.turn_to_frame(self._effort.looks_at_once)
        best = self._gaze.settle(picture, box.region, looks=LOOKS_AT_BOX)
        if best is not None and overlap_with(box, best) < SUPPORT:
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
                if look is None or overlap_with(box, look) < SUPPORT:
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
        found = search(self._gaze, self._footage[index], near=near, lost_frames=lost, turn=self._searches)
        self._searches += 1
        if found is None or found.look.worth < needed(found.look):
            return
        again = _continued(alive, found.look, index)
        if again is not None:
            again.looks[index] = found.look
        elif len(alive) < PEOPLE_MAX:
            self._trails.append(Trail({index: found.look}, supported=index))

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
            for proposal in self._gaze.propose(self._footage[index], window, min_score=TURNED_MIN):
                if agrees(proposal.region, look.region):
                    trail.supported = index
                    return True
        if index - trail.supported > UNSUPPORTED_FRAMES_MAX:
            return False
        return not any(box.score >= CERTAIN_BOX and overlap_with(box, look) > 0 for box in free)

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


def _continued(lost: Sequence[Trail], look: Look, index: int) -> Trail | None:
    """The lost person whom a look shows, the likeliest."""
    likeliest, most = None, DOUBTFUL / 2
    for trail in lost:
        again = judged(look, trail, index, 1)
        if again is not None and again.worth > most:
            likeliest, most = trail, again.worth
    return likeliest


class Everybody(InPasses):
    """See `SegmentFinder`."""

    new_work = _Segment
