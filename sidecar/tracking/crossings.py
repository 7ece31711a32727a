"""The crossings that go on, and when each is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from sidecar.tracking.course import Course
from sidecar.tracking.crossing import AFTER_S
from sidecar.tracking.motion import Motion
from sidecar.tracking.recent import Recent
from sidecar.tracking.sighting import Sighting
from sidecar.tracking.similarity import box_overlap, shapes_of

ABSENT_S = 1.2  # for so long somebody has been away whom the others do not wait for


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """People of whom one was lost where another is.

    Attributes:
        started_s: when the first was lost.
        before: the courses of all of them before, by key.
        motions: their motion at that time.
        lost: keys of those who were not seen all the time.
    """

    started_s: float
    before: dict[int, Course] = field(default_factory=dict)
    motions: dict[int, Motion] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)

    def among(self, keys: Set[int]) -> Crossing:
        """The part of it that some of the people have."""
        before = {key: course for key, course in self.before.items() if key in keys}
        motions = {key: motion for key, motion in self.motions.items() if key in keys}
        return Crossing(self.started_s, before, motions, self.lost & keys)


class Crossings:
    """Groups of people, apart from each other, whose sightings wait until it can be told who is who."""

    def __init__(self, *, longest_s: float, torso: Sequence[int]) -> None:
        """Start with none. After `longest_s` a crossing is over whoever has come out."""
        self._longest_s = longest_s
        self._torso = torso
        self._going_on: list[Crossing] = []

    def holds(self, key: int) -> bool:
        """Is somebody in a crossing?"""
        return any(key in crossing.before for crossing in self._going_on)

    @property
    def any(self) -> bool:
        """Does one go on?"""
        return bool(self._going_on)

    def begin(self, lost: int, near: Sequence[int], recents: Mapping[int, Recent], motions: Mapping[int, Motion],
              *, now_s: float) -> None:  # fmt: skip
        """Somebody was lost near others: they cross, and whoever they cross already does too."""
        known = [crossing for crossing in self._going_on if any(key in crossing.before for key in (lost, *near))]
        if any(crossing.before.keys() >= {lost, *near} for crossing in known):
            return
        joining = {key: course for key in (lost, *near) if (course := recents[key].course(self._torso)) is not None}
        if lost not in joining and not any(lost in crossing.before for crossing in known):
            return
        if len(joining) < 2 and not known:
            return
        merged = Crossing(min([now_s, *(crossing.started_s for crossing in known)]))
        merged.before.update(joining)
        merged.motions.update({key: motions[key] for key in joining})
        merged.lost.add(lost)
        for crossing in known:  # what was known before the first contact counts
            merged.before.update(crossing.before)
            merged.motions.update(crossing.motions)
            merged.lost.update(crossing.lost)
        self._going_on = [crossing for crossing in self._going_on if crossing not in known] + [merged]

    def over(self, recents: Mapping[int, Recent], ended: Iterable[int], *, frame: int, now_s: float) -> list[Crossing]:
        """The crossings that can be decided now: everybody is back, somebody will never be, or it took too long.

        Several who are back and apart do not wait for one who has been away for ABSENT_S; that one may meet them again.
        """
        gone = set(ended)
        done, going_on = [], []
        for crossing in self._going_on:
            keys = crossing.before.keys()
            back = {key for key in keys if recents[key].is_back(window_s=AFTER_S, frame=frame, now_s=now_s)}
            if now_s - crossing.started_s > self._longest_s or gone & keys or back == keys:
                done.append(crossing)
            elif (
                len(back) > 1
                and all(recents[key].last_time_s < now_s - ABSENT_S for key in keys - back)
                and self._are_apart([recents[key].waiting()[-1] for key in sorted(back)])
            ):
                done.append(crossing.among(back))
            else:
                going_on.append(crossing)
        self._going_on = going_on
        return done

    def all(self) -> list[Crossing]:
        """Every crossing that goes on; none does any more."""
        done, self._going_on = self._going_on, []
        return done

    def _are_apart(self, people: Sequence[Sighting]) -> bool:
        """Whether no two of them touch."""
        shapes = shapes_of([one.person for one in people], self._torso)
        overlaps = box_overlap(shapes, shapes)
        np.fill_diagonal(overlaps, 0.0)
        return not overlaps.any()
