"""First pass over a result: how long it is, and what each track amounts to."""

from __future__ import annotations

from dataclasses import dataclass, field

from sidecar.pose.person import Provenance
from sidecar.results.frame import PROVENANCES, ResultFrame, ResultPerson
from sidecar.results.reading import Result

MAX_TRACKS = 100_000  # with numbers of their own; a file with more is broken or hostile


class TooManyTracks(Exception):
    """A result names more ids than a page can be made of."""

    code = "INVALID_REQUEST"
    hint = f"a report counts up to {MAX_TRACKS} ids; cut the video"


@dataclass(slots=True, eq=False)
class TrackFacts:
    """One id through the result; None stands for people of a picture, who have none.

    Attributes:
        first, last: frames.
        counts: people by provenance.
        score_sum: over all its people.
        farthest: greatest distance to an observation, frames.
        farthest_frame: where that is.
    """

    id: int | None
    first: int
    first_s: float
    last: int = 0
    last_s: float = 0.0
    counts: dict[Provenance, int] = field(default_factory=lambda: dict.fromkeys(PROVENANCES, 0))
    score_sum: float = 0.0
    farthest: int = 0
    farthest_frame: int = 0

    @property
    def people(self) -> int:
        """Frames the track has somebody in."""
        return sum(self.counts.values())

    @property
    def seen(self) -> int:
        """Frames in which the person was observed."""
        return self.counts["detected"] + self.counts["low_score"]

    def add(self, frame: ResultFrame, person: ResultPerson) -> None:
        """Count one person."""
        self.last, self.last_s = frame.index, frame.time_s
        self.counts[person.provenance] += 1
        self.score_sum += person.score
        if person.distance > self.farthest:
            self.farthest, self.farthest_frame = person.distance, frame.index


@dataclass(slots=True, eq=False)
class Survey:
    """The whole result in numbers.

    Attributes:
        tracks: in order of ids.
        has_raw: are values from before the cleaning there?
    """

    frames: int
    first_s: float
    last_s: float
    empty_frames: int
    has_raw: bool
    tracks: list[TrackFacts]

    @property
    def people(self) -> int:
        """Over all frames."""
        return sum(track.people for track in self.tracks)

    def count(self, provenance: Provenance) -> int:
        """People with a provenance."""
        return sum(track.counts[provenance] for track in self.tracks)


def survey(result: Result) -> Survey:
    """Read a result once.

    Raises:
        ResultError: a line is damaged.
        TooManyTracks: there are more than MAX_TRACKS ids.
    """
    tracks: dict[int | None, TrackFacts] = {}
    frames = empty = 0
    first_s = last_s = 0.0
    has_raw = False
    for frame in result.frames():
        if not frames:
            first_s = frame.time_s
        last_s = frame.time_s
        frames += 1
        empty += not frame.persons
        for person in frame.persons:
            facts = tracks.get(person.id)
            if facts is None:
                if len(tracks) >= MAX_TRACKS:
                    raise TooManyTracks(f"{result.directory} names more than {MAX_TRACKS} ids")
                facts = tracks[person.id] = TrackFacts(person.id, frame.index, frame.time_s)
            facts.add(frame, person)
            has_raw = has_raw or person.keypoints_raw is not None
    ordered = sorted(tracks.values(), key=lambda track: track.id or 0)
    return Survey(frames, first_s, last_s, empty, has_raw, ordered)
