"""Between sightings: people move from one to the next, where the tracker repeated the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sidecar.phalp.people import Tracked
from sidecar.phalp.sightings import Track
from sidecar.pose.person import Person, observed
from sidecar.tracking.clock import FrameClock
from sidecar.tracking.options import AssembleOptions
from sidecar.tracking.sighting import sighting
from sidecar.tracking.timeline import Timeline

BOX_ROWS = 2  # corners that travel behind the keypoints, so that boxes are filled as they are
LONGEST_GAPS = 2  # an absence that the tracker did not bridge stays one beyond so many times `max_gap_s`


def refill(
    track: Track, clock: FrameClock, options: AssembleOptions, *, torso: list[int]
) -> Iterator[tuple[int, Person]]:
    """Yield a track's people with their frames, in order: sightings as they are, and moving ones between.

    Frames in which the tracker repeated a pose are `predicted`; others between two sightings are filled as a video's
    are. Copies behind the last sighting of a run stand for nobody and are left out. The last BOX_ROWS keypoints of
    every person are the corners of the box.

    Args:
        clock: knows the time of every frame.
        torso: keypoints that make the body.
    """
    for run in _runs(track, clock, LONGEST_GAPS * options.max_gap_s):
        line = Timeline(options, clock, torso)
        for frame in range(run[0], run[-1] + 1):
            if frame in track.seen:
                line.see(sighting(frame, clock.time_s(frame), _person(track.seen[frame])))
            line.advance(now_s=clock.time_s(frame))
        line.close()
        for frame in range(run[0], run[-1] + 1):
            person = line.take(frame)
            if person is None:
                continue
            yield frame, replace(person, provenance="predicted") if frame in track.copies else person


def box_of(person: Person) -> list[float]:
    """The box of a person of `refill`, xyxy, px."""
    left, top, right, bottom = person.keypoints[-BOX_ROWS:, :2].ravel().tolist()
    return [left, top, right, bottom]


def without_box(person: Person) -> Person:
    """The person without the corners of the box."""
    world = person.keypoints_world
    return replace(
        person,
        keypoints=person.keypoints[:-BOX_ROWS],
        keypoints_world=None if world is None else world[:-BOX_ROWS],
    )


def _runs(track: Track, clock: FrameClock, longest_gap_s: float) -> Iterator[list[int]]:
    """The sightings, parted where nobody knows of the person for too long."""
    run: list[int] = []
    for frame in track.seen:
        if run:
            between = range(run[-1] + 1, frame)
            absent_s = clock.time_s(frame) - clock.time_s(run[-1] + 1)
            if absent_s > longest_gap_s and not track.copies.issuperset(between):
                yield run
                run = []
        run.append(frame)
    yield run


def _person(tracked: Tracked) -> Person:
    corners = np.zeros((BOX_ROWS, 4))
    corners[:, :2] = tracked.box_xyxy.reshape(BOX_ROWS, 2)
    world = tracked.world
    return Person(
        keypoints=np.vstack([tracked.keypoints, corners]).astype(np.float32),
        score=tracked.score,
        keypoints_world=None if world is None else np.vstack([world, np.zeros((BOX_ROWS, 3))]).astype(np.float32),
        region=tracked.region,
        provenance=observed(tracked.score),
    )
