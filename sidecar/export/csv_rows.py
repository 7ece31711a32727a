"""CSV: one row per keypoint of a person in a frame, so that every skeleton has the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from sidecar.export.people import Filled, frames_with_people
from sidecar.results.frame import ResultPerson
from sidecar.results.landing import landing_file
from sidecar.results.reading import Result

COLUMNS = (
    "frame", "time_s", "id", "score", "provenance", "distance", "keypoint", "x", "y", "z", "visibility",
    "world_x", "world_y", "world_z",
)  # fmt: skip


def write(result: Result, path: Path, *, filled: Filled) -> int:
    """Write the keypoints of a result; returns the number of people.

    The long form reads as it is in pandas, and `df.pivot(index=["frame", "id"], columns="keypoint", values=["x",
    "y"])` makes it wide. A person without an id or world keypoints has empty cells there.

    Raises:
        ResultError: the result is damaged.
        LandingError: the file cannot be written.
    """
    names = result.header.skeleton.keypoints
    count = 0
    with landing_file(path) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for frame, people in frames_with_people(result, filled):
            for person in people:
                facts = (
                    frame.index, frame.time_s, "" if person.id is None else person.id, person.score, person.provenance,
                    person.distance,
                )  # fmt: skip
                writer.writerows((*facts, *row) for row in _rows(person, names))
                count += 1
        text.detach()
    return count


def _rows(person: ResultPerson, names: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    world = person.keypoints_world
    places = [("", "", "")] * len(names) if world is None else world.tolist()
    for name, keypoint, place in zip(names, person.keypoints.tolist(), places, strict=True):
        yield name, *keypoint, *place
