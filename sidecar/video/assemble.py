"""People per frame to people through time: the step that sees segments in order, links, fills and cleans."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sidecar.pose.person import Person
from sidecar.pose.skeleton import Skeleton
from sidecar.tracking.association import Linker
from sidecar.tracking.clock import FrameClock
from sidecar.tracking.crossing import AFTER_S, resolve
from sidecar.tracking.crossings import Crossing, Crossings
from sidecar.tracking.duplicates import without_duplicates
from sidecar.tracking.options import AssembleOptions
from sidecar.tracking.recent import HOLD_S, Recent
from sidecar.tracking.sighting import sighting
from sidecar.tracking.timeline import Timeline
from sidecar.tracking.trial import Trial
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import require_sound

MEMORY_GAPS = 2  # a person comes back as the same one after up to so many times the longest gap that is interpolated
TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")


@dataclass(slots=True, eq=False)
class _Track:
    trial: Trial | None  # until it is decided
    line: Timeline
    recent: Recent = field(default_factory=Recent)
    id: int | None = None


class Assembler:
    """Links the people of consecutive frames, across the seams of segments, and gives every frame once, in order.

    A frame is given when nothing to come can change it. That is usually after half a second, and after a few seconds
    where somebody is lost, on trial or in a crossing: each of them is bounded by time, so the frames that wait are too.
    Ids count from 1 in the order of first frames, best first within a frame.
    """

    def __init__(self, options: AssembleOptions, *, frame_interval_s: float, skeleton: Skeleton) -> None:
        """Start before the first frame.

        Args:
            frame_interval_s: nominal, > 0; stands in where time stamps do not grow.
            skeleton: of every person.
        """
        self._options = options
        self._keypoints = len(skeleton.keypoints)
        self._torso = torso_of(skeleton)
        self._memory_s = MEMORY_GAPS * options.max_gap_s
        self._clock = FrameClock(frame_interval_s)
        self._linker = Linker(
            torso=self._torso, memory_s=self._memory_s, trial_s=options.max_gap_s, min_score=options.min_score
        )
        self._crossings = Crossings(longest_s=self._memory_s + AFTER_S, torso=self._torso)
        self._frames: deque[FramePeople] = deque()  # those of the clock
        self._tracks: dict[int, _Track] = {}  # by the linker's key
        self._next_id = 1

    def add(self, frame: FramePeople) -> Iterator[FramePeople]:
        """Take the next frame of the video. Gives the frames that are final now.

        Raises:
            BrokenPose: a person's arrays have another shape, or a number is not finite.
        """
        for person in frame.people:
            require_sound(person, self._keypoints, frame=frame.index)
        number = self._clock.add(frame.time_s)
        now_s = self._clock.now_s
        self._frames.append(replace(frame, people=()))
        people = without_duplicates(frame.people, self._torso)
        for key, person in zip(self._linker.link(people, time_s=now_s), people, strict=True):
            if key is not None:
                self._see(key, number, person)
        self._watch_crossings(number, now_s)
        remembered = self._linker.remembered
        for key, track in list(self._tracks.items()):
            if key not in remembered:
                self._close(key, track, ended=False)
            elif track.trial is not None:
                track.trial.forget(frame=number, time_s=now_s)
            elif not self._crossings.holds(key):
                self._advance(track, now_s)
        return iter(self._final(ended=False))

    def finish(self) -> Iterator[FramePeople]:
        """The video is over. Gives all frames that are left."""
        for crossing in self._crossings.all():
            self._decide(crossing)
        for key, track in list(self._tracks.items()):
            self._close(key, track, ended=True)
        return iter(self._final(ended=True))

    def _see(self, key: int, frame: int, person: Person) -> None:
        if key not in self._tracks:
            options = self._options
            trial = Trial(min_score=options.min_score, window_s=self._memory_s, head_s=options.max_gap_s)
            self._tracks[key] = _Track(trial, Timeline(options, self._clock, self._torso))
        track = self._tracks[key]
        seen = sighting(frame, self._clock.now_s, person)
        if track.trial is None:
            track.recent.see(seen)
            return
        track.trial.see(seen)
        if track.trial.passed:
            self._believe(track)

    def _believe(self, track: _Track) -> None:
        assert track.trial is not None
        for seen in track.trial.sightings():
            track.recent.see(seen)
        track.trial = None

    def _advance(self, track: _Track, now_s: float) -> None:
        for seen in track.recent.release(now_s=now_s):
            track.line.see(seen)
        track.line.advance(now_s=now_s - HOLD_S)

    def _watch_crossings(self, frame: int, now_s: float) -> None:
        near_others = self._linker.lost_near_others()
        if not near_others and not self._crossings.any:
            return
        known = {key: track.recent for key, track in self._tracks.items() if track.trial is None}
        for lost, others in near_others.items():
            near = [key for key in others if key in known]
            if lost in known and near:
                motions = {key: self._linker.motion(key) for key in (lost, *near)}
                self._crossings.begin(lost, near, known, motions, now_s=now_s)
        ended = known.keys() - self._linker.remembered
        for crossing in self._crossings.over(known, ended, frame=frame, now_s=now_s):
            self._decide(crossing)

    def _decide(self, crossing: Crossing) -> None:
        """Everybody of a crossing gets the sightings that are theirs."""
        followed = {key: self._tracks[key].recent.waiting() for key in crossing.before}
        outcome = resolve(crossing.before, followed, crossing.lost, self._torso, now_s=self._clock.now_s)
        self._linker.rename(outcome.became, crossing.motions)
        for key, sightings in outcome.sightings.items():
            self._tracks[key].recent.replace_waiting(sightings)

    def _close(self, key: int, track: _Track, *, ended: bool) -> None:
        """A track will not be seen again."""
        if track.trial is not None:
            if not track.trial.passes_at_an_end(frames=self._clock.stop, ended=ended):
                del self._tracks[key]
                return
            self._believe(track)
        for seen in track.recent.release(now_s=math.inf):
            track.line.see(seen)
        track.line.close()

    def _final(self, *, ended: bool) -> list[FramePeople]:
        """Take the frames that nothing can change any more."""
        final: list[FramePeople] = []
        held_from_s = self._held_from_s()
        reached_s = self._clock.now_s - self._options.extrapolate_s
        while self._frames:
            number = self._clock.first
            time_s = self._clock.time_s(number)
            lines = (track.line for track in self._tracks.values() if track.trial is None)
            if not ended and (
                time_s >= held_from_s or time_s > reached_s or not all(line.is_settled(number) for line in lines)
            ):
                break
            final.append(self._with_people(self._frames.popleft(), number))
            self._clock.forget_first()
        self._tracks = {key: track for key, track in self._tracks.items() if track.trial or not track.line.is_over}
        return final

    def _held_from_s(self) -> float:
        """From this time on, a track that is on trial, or one to come, may still put somebody into frames."""
        starts = [track.trial.first_time_s for track in self._tracks.values() if track.trial is not None]
        known = [start for start in starts if start is not None]
        return min(known, default=math.inf) - self._options.extrapolate_s

    def _with_people(self, frame: FramePeople, number: int) -> FramePeople:
        there = []
        for track in self._tracks.values():
            person = track.line.take(number) if track.trial is None else None
            if person is not None:
                there.append((person, track))
        there.sort(key=lambda pair: -pair[0].score)
        people = []
        for person, track in there:
            if track.id is None:
                track.id = self._next_id
                self._next_id += 1
            people.append(replace(person, id=track.id))
        return replace(frame, people=tuple(people))


def torso_of(skeleton: Skeleton) -> list[int]:
    """Keypoints that make a person's centre: shoulders and hips, or all where the skeleton has no such."""
    if set(TORSO) <= set(skeleton.keypoints):
        return [skeleton.index(name) for name in TORSO]
    return list(range(len(skeleton.keypoints)))
