"""The main person of a segment: followed, searched for when lost, looked for again backward in time."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.finding.belief import agrees
from sidecar.finding.effort import Effort
from sidecar.finding.following import DOUBTFUL, STEADY, fitness, follow, lies
from sidecar.finding.gaze import Gaze
from sidecar.finding.leaps import without_leaps
from sidecar.finding.passes import InPasses
from sidecar.finding.protocol import Sighting
from sidecar.finding.pursuit import Pursuit
from sidecar.finding.rivals import favour, near
from sidecar.finding.searching import LOOKS_OF_A_SEARCH, LOOKS_WHILE_LOST, Found, needed
from sidecar.finding.second_look import look_back, search_gaps
from sidecar.finding.skipping import Skipping
from sidecar.finding.trail import Look, Trail
from sidecar.pose.person import Person
from sidecar.pose.region import Region

CHECK_MIN = 0.5  # what the detector is less certain of proves nothing
CHECK_DOUBTFUL = 2  # frames from check to check while a person is doubtful
LOOKS_AT_CHECK = 5
CHECK_SIDES = 1.3  # the window of every other check, in sizes of the region
PHANTOM_LOOKS = 2  # a person seen no more often, and never steadily, was not there
SAME_PERSON = 0.3  # continuity from where somebody was lost to where somebody is found
RESUME_MIN = 0.75  # what following must find after a frame without anybody; less is for searching
LOST_FRAMES_MAX = 5  # for so many frames somebody is expected where they would have moved to


class _Segment:
    def __init__(self, gaze: Gaze, effort: Effort) -> None:
        self._pursuit = Pursuit(gaze)
        self._effort = effort
        self._checked = 0
        self._checks = 0
        self._confirmed = False
        self._skipping = Skipping(self._pursuit, longest_s=effort.skip_s)

    def sure(self) -> bool:
        """Whether the last frame has somebody beyond doubt."""
        last = self._pursuit.footage.last
        look = self._pursuit.at(last)
        return last in self._pursuit.skipped or (look is not None and look.worth >= STEADY)

    def somebody_is_lost(self) -> bool:
        """Whether the last frame has nobody."""
        last = self._pursuit.footage.last
        return last not in self._pursuit.skipped and self._pursuit.at(last) is None

    def forward(self, frame: Sighting) -> None:
        """Look for the person in the next frame, or leave it to be interpolated."""
        index, pursuit, skipping = frame.index, self._pursuit, self._skipping
        pursuit.footage.add(frame)
        pursuit.gaze.next_frame()
        skipping.see(frame)
        if self._confirmed and skipping.may_skip(index):
            pursuit.skipped.add(index)
            return
        if index - 1 in pursuit.skipped:
            look = skipping.leap(index)
            if look is not None:
                self._go_on(index, pursuit.trails[-1], look)
                return
            pursuit.skipped.remove(index - 1)
            self._look(index - 1)
            pursuit.gaze.turn_to_next_frame()
        self._look(index)

    def settle(self) -> None:
        """See `passes.Work.settle`."""
        for last in self._pursuit.skipped.intersection(self._pursuit.footage.frames[-1:]):
            self._pursuit.skipped.remove(last)
            self._pursuit.gaze.turn_to_next_frame()
            self._look(last)

    def _look(self, index: int) -> None:
        pursuit = self._pursuit
        trail = pursuit.trails[-1] if pursuit.trails else None
        if trail is not None and not pursuit.footage.shots.together(trail.last, index):
            trail = None
        lost = index - trail.last if trail is not None else 0
        look, expected = None, None
        if trail is not None and lost <= LOST_FRAMES_MAX:
            expected = trail.expected(index, 1)
            look = follow(pursuit.gaze, pursuit.footage[index], trail, index, 1)
        if look is not None and (lost == 1 or look.worth >= RESUME_MIN):
            assert trail is not None
            self._confirmed &= lost == 1
            self._go_on(index, trail, look)
            return
        if lost != 1:
            pursuit.gaze.turn_to_frame(LOOKS_WHILE_LOST, reserve=0)
            if not pursuit.gaze.may_look(LOOKS_OF_A_SEARCH):
                return
        found = pursuit.search(index, near=expected, lost_frames=lost)
        if found is not None and found.look.worth >= needed(found.look):
            self._add(index, found, expected)

    def _add(self, index: int, found: Found, expected: Region | None) -> None:
        """A person found by searching: the one who was lost, or the beginning of a new trail."""
        look = found.look
        if expected is None or fitness(look, self._pursuit.trails[-1], index, 1) < SAME_PERSON:
            self._pursuit.trails.append(Trail())
        self._pursuit.trails[-1].looks[index] = look
        self._checked = index
        if lies(look.region):
            self._confirmed = False
            self._check(index, self._pursuit.trails[-1], look, window=_upright(look.region))
        else:
            self._confirmed = found.certainty >= CHECK_MIN

    def _go_on(self, index: int, trail: Trail, look: Look) -> None:
        """The person of a trail, followed into a frame: ask the detector when it is time."""
        trail.looks[index] = look
        sure = self._confirmed and look.worth >= DOUBTFUL
        if index - self._checked >= (self._effort.check_every if sure else CHECK_DOUBTFUL):
            self._check(index, trail, look, window=_upright(look.region) if self._checks % 2 else None)

    def _check(self, index: int, trail: Trail, look: Look, *, window: Region | None) -> None:
        """Ask the detector, which knows nothing of the past, whether it sees the same person."""
        self._checked = index
        self._checks += 1
        picture = self._pursuit.footage[index]
        self._pursuit.gaze.turn_to_frame(LOOKS_AT_CHECK)
        if not self._pursuit.gaze.may_look():
            return
        for proposal in self._pursuit.gaze.propose(picture, window, min_score=CHECK_MIN):
            close = near(proposal.region, look.region)
            if close and agrees(proposal.region, look.region):
                self._confirmed = True
                return
            if not close and look.worth >= DOUBTFUL and self._confirmed:
                continue  # another person, and this one is well in sight
            if not self._pursuit.gaze.may_look():
                return
            rival = self._pursuit.gaze.settle(picture, proposal.region, looks=2)
            if rival is None or (close and agrees(rival.region, look.region)):
                continue
            if rival.worth * favour(rival, look) > look.worth:
                del trail.looks[index]
                self._pursuit.trails.append(Trail({index: rival}))
                self._confirmed = True
                return

    def finish(self) -> None:
        """See `passes.Work.finish`."""
        self.settle()
        look_back(self._pursuit, savings=self._effort.second_savings)
        search_gaps(self._pursuit)

    def people(self, start: int, stop: int, min_score: float) -> Iterator[tuple[int, list[Person]]]:
        """Entry for entry."""
        self._pursuit.trails = without_leaps(
            [t for t in self._pursuit.trails if self._is_true(t, min_score)], self._pursuit.footage.shots
        )
        for index in self._pursuit.footage.frames:
            if start <= index < stop:
                look = self._pursuit.at(index)
                yield index, [] if look is None else [look.person]

    def _is_true(self, trail: Trail, min_score: float) -> bool:
        """Whether somebody was there: seen well once, and more than for a moment unless at an end of the frames."""
        looks = trail.looks.values()
        if not looks or max(look.person.score for look in looks) < min_score:
            return False
        ends = trail.first == self._pursuit.footage.frames[0] or trail.last == self._pursuit.footage.last
        return ends or len(looks) > PHANTOM_LOOKS or max(look.worth for look in looks) >= STEADY


def _upright(region: Region) -> Region:
    """A window in which a detector sees whoever stands upright in a region."""
    return Region(region.cx, region.cy, region.size * CHECK_SIDES)


class OnePerson(InPasses):
    """See `SegmentFinder`."""

    new_work = _Segment
