"""A file of tracks in, one result directory out."""

from __future__ import annotations

import heapq
import math
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from sidecar import __version__
from sidecar.phalp.errors import TracksError
from sidecar.phalp.lines import frame_line
from sidecar.phalp.people import TrackFile, read_tracks
from sidecar.phalp.refill import refill
from sidecar.phalp.sightings import Sightings, find_sightings
from sidecar.pose.person import Person
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.reading import read_joblib
from sidecar.tracking.clock import FrameClock
from sidecar.tracking.options import AssembleOptions
from sidecar.video.assemble import torso_of
from sidecar.video.identity import NAME_PREFIX, SCHEMA_VERSION, content_sha256, result_name
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import header, header_line
from sidecar.video.result_dir import building, sole_writer
from sidecar.video.summary import Tally

FOLDER_PREFIX = "tracks_"
FILLING = AssembleOptions(clean="none")  # sightings stay as the tracker gave them

_NEXT_STEPS = {
    "not_allowed": "a tracker's file needs none of it, so do not trust this one",
    "too_large": "split it, or look where it comes from",
    "truncated": "copy it again",
    "damaged": "copy it again",
    "unreadable": "check the path and its permissions",
}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the file does not say.

    Attributes:
        fps: frames per second, > 0.
        size: (width, height) px of the frames; None takes the file's, or the extent of the boxes.
    """

    fps: float = 30.0
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file.

    Attributes:
        size_is_guessed: the size is the extent of the boxes.
        copies: entries that repeat a pose, none of which is kept.
        filled: people between sightings, copies of whom or nothing the tracker had there.
        doubles: entries whose id was in the frame already, left out.
    """

    directory: Path
    summary: Mapping[str, Any]
    size: tuple[int, int]
    size_is_guessed: bool
    copies: int
    filled: int
    doubles: int


def import_tracks(
    path: Path, out: Path, options: ImportOptions, *, on_wait: Callable[[], None] = lambda: None
) -> Imported:
    """Write `out/tracks_<16 hex>` with poses.jsonl and summary.json, replacing one that is there.

    Raises:
        TracksError: the file cannot be read, or holds no tracks.
        OutputError: the result cannot be written.
    """
    start = time.perf_counter()
    try:
        sha256, size_bytes = content_sha256(path), path.stat().st_size
        file = read_tracks(read_joblib(path))
    except OSError as error:
        raise TracksError(f"{path} cannot be read: {error.strerror or error}", "check the path") from error
    except PickleRefused as error:
        raise TracksError(str(error), "nothing in the file was run; " + _NEXT_STEPS[error.reason]) from error
    except TracksError as error:
        raise TracksError(f"{path}: {error}", error.hint) from error
    size, guessed = _size(file, options)
    sightings = find_sightings(file.frames)
    chosen = _as_options(file, sightings)
    name = FOLDER_PREFIX + _name(sha256, chosen, options, size)
    tally, filled = Tally(), 0
    with sole_writer(out, name, on_wait=on_wait), building(out, name) as folder:
        with (folder / "poses.jsonl").open("wb") as lines:
            lines.write(
                header_line(
                    header(
                        source={"kind": "tracks", "sha256": sha256, "bytes": size_bytes},
                        fps=options.fps,
                        width=size[0],
                        height=size[1],
                        rotation=0,
                        skeleton=file.skeleton,
                        digests={},
                        options=chosen,
                    )
                )
            )
            for frame in _frames(file, sightings, options):
                lines.write(frame_line(frame))
                tally.add(frame)
                filled += sum(person.distance > 0 for person in frame.people)
        facts = _summary(path.name, sha256, tally, time.perf_counter() - start)
        content = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (folder / "summary.json").write_bytes(content)
    return Imported(out / name, facts, size, guessed, sightings.copies, filled, sightings.doubles)


def _frames(file: TrackFile, sightings: Sightings, options: ImportOptions) -> Iterator[FramePeople]:
    clock = FrameClock(1 / options.fps)
    for number in range(len(file.frames)):
        clock.add(number / options.fps)
    torso = torso_of(file.skeleton)
    numbered = [
        _with_id(refill(track, clock, FILLING, torso=torso), identity)
        for identity, track in enumerate(sightings.tracks, start=1)
    ]
    merged = groupby(heapq.merge(*numbered, key=lambda pair: pair[0]), key=lambda pair: pair[0])
    upcoming = next(merged, None)
    for number in range(len(file.frames)):
        people: list[Person] = []
        if upcoming is not None and upcoming[0] == number:
            people = sorted((person for _, person in upcoming[1]), key=lambda person: -person.score)
            upcoming = next(merged, None)
        yield FramePeople(number, number / options.fps, tuple(people))


def _with_id(people: Iterator[tuple[int, Person]], identity: int) -> Iterator[tuple[int, Person]]:
    return ((frame, replace(person, id=identity)) for frame, person in people)


def _size(file: TrackFile, options: ImportOptions) -> tuple[tuple[int, int], bool]:
    if file.width is not None and file.height is not None:
        if options.size not in (None, (file.width, file.height)):
            raise TracksError(
                f"the frames have {file.width}x{file.height} px by the file, and {options.size} was given",
                "leave the size out",
            )
        return (file.width, file.height), False
    if options.size is not None:
        return options.size, False
    corners = [person.box_xyxy[2:].tolist() for people in file.frames for person in people]
    if not corners:
        raise TracksError("nobody is in any frame, so there is nothing to import")
    width, height = (max(1, math.ceil(max(side))) for side in zip(*corners, strict=True))
    return (width, height), True


def _as_options(file: TrackFile, sightings: Sightings) -> dict[str, Any]:
    return {
        "estimator": "phalp",
        "detector": None,
        "estimator_options": {"tracker_ids": [track.tid for track in sightings.tracks]},
        "min_score": 0.0,
        "effort": None,
        "segment_frames": len(file.frames),
        "assemble": FILLING.plain(),
    }


def _name(sha256: str, chosen: Mapping[str, Any], options: ImportOptions, size: tuple[int, int]) -> str:
    identity = {**chosen, "fps": options.fps, "size": size}
    return result_name(content=sha256, options=identity, models={}).removeprefix(NAME_PREFIX)


def _summary(name: str, sha256: str, tally: Tally, seconds: float) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "source": {"name": os.fsencode(name).decode("utf-8", "replace"), "sha256": sha256},
        "frames": tally.frames,
        "frames_with_person": tally.frames_with_person,
        "persons": tally.persons,
        "tracks": tally.tracks,
        "truncated": False,
        "message": None,
        "seconds": {"total": round(seconds, 3)},
        "frames_per_second": round(tally.frames / max(seconds, 1e-3), 2),
        "threads": 1,
        "device": "none",
        "versions": {
            "pose-sidecar": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    }
