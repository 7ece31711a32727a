"""Second pass over a result: provenance per stretch of time, and joints as lines of bounded length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Provenance
from sidecar.report.lines import JointLine, Lines
from sidecar.report.survey import Survey, TrackFacts
from sidecar.results.frame import PROVENANCES
from sidecar.results.reading import Result

MAX_ROWS = 16  # tracks with a row on the timeline; the longest
MAX_BINS = 360  # stretches of time; each is a frame or more
MAX_PLOTTED = 3  # tracks whose joints are drawn; the longest
MAX_JOINTS = 5
SAMPLES = 8
MAX_NAMED = 6  # people under a picture
JOINTS = (
    "nose", "left_wrist", "right_wrist", "left_ankle", "right_ankle", "left_hip", "right_hip", "top_left",
    "bottom_right",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One track on the timeline.

    Attributes:
        shares: (B, 4) parts of each stretch by provenance, in the order of PROVENANCES; they add up to at most 1.
    """

    facts: TrackFacts
    shares: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame to show: when it is, and who is in it."""

    frame: int
    time_s: float
    people: tuple[tuple[int | None, Provenance], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """What is drawn.

    Attributes:
        bins: stretches of time.
        rows: of the timeline, by id.
        lines: joints of the tracks that are plotted, by id.
        samples: the frames that are shown as pictures, in order, without their keypoints.
    """

    bins: int
    rows: list[Row]
    lines: list[tuple[TrackFacts, list[JointLine]]]
    samples: list[Sample]


def collect(result: Result, facts: Survey) -> Collected:
    """Read a result once more.

    Raises:
        ResultError: a line is damaged.
    """
    bins = max(1, min(facts.frames, MAX_BINS))
    longest = sorted(facts.tracks, key=lambda track: -track.people)
    counts = {track.id: np.zeros((bins, len(PROVENANCES))) for track in longest[:MAX_ROWS]}
    names = joints_of(result.header.skeleton.keypoints)
    rows = [result.header.skeleton.index(name) for name in names]
    lines = {track.id: Lines(bins, names) for track in longest[:MAX_PLOTTED]}
    frames_in = np.zeros(bins)
    wanted, samples = set(sample_frames(facts)), []
    for frame in result.frames():
        at = min(frame.index * bins // max(facts.frames, 1), bins - 1)
        frames_in[at] += 1
        if frame.index in wanted:
            who = tuple((person.id, person.provenance) for person in frame.persons[:MAX_NAMED])
            samples.append(Sample(frame.index, frame.time_s, who))
        for person in frame.persons:
            if person.id in counts:
                counts[person.id][at, PROVENANCES.index(person.provenance)] += 1
            if person.id in lines:
                raw = person.keypoints_raw
                seen = not person.is_filled
                lines[person.id].add(
                    at, frame.index, person.keypoints[rows, :2], None if raw is None else raw[rows, :2], seen=seen
                )
    per_bin = np.maximum(frames_in, 1)[:, None]
    return Collected(
        bins=bins,
        rows=[Row(track, _at_most_one(counts[track.id] / per_bin)) for track in facts.tracks if track.id in counts],
        lines=[(track, lines[track.id].finished()) for track in facts.tracks if track.id in lines],
        samples=samples,
    )


def sample_frames(numbers: Survey) -> list[int]:
    """Frames spread over the video, and those of its tracks that are farthest from a sighting."""
    if not numbers.frames:
        return []
    farthest = sorted((track for track in numbers.tracks if track.farthest), key=lambda track: -track.farthest)
    special = {track.farthest_frame for track in farthest[: SAMPLES // 4]}
    spread = SAMPLES - len(special)
    even = (int((place + 0.5) * numbers.frames / spread) for place in range(spread))
    return sorted({*special, *even})


def joints_of(keypoints: Sequence[str]) -> list[str]:
    """The joints of a skeleton that tell most: those of JOINTS it has, else its first ones."""
    known = [name for name in JOINTS if name in keypoints][:MAX_JOINTS]
    return known or list(keypoints[:MAX_JOINTS])


def _at_most_one(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """People of a picture share one row: several in a frame count as one."""
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1))
