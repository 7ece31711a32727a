"""summary.json: what a run found, how long it took, and with which versions."""

from __future__ import annotations

import platform
from typing import Any

import av
import cv2
import numpy as np

from sidecar import __version__
from sidecar.video.identity import SCHEMA_VERSION
from sidecar.video.people import FramePeople
from sidecar.video.source import Source
from sidecar.video.stage_clock import StageClock


class Tally:
    """Counts frames and people while they pass."""

    def __init__(self) -> None:
        self.frames = 0
        self.frames_with_person = 0
        self.persons = 0
        self._ids: set[int] = set()

    def add(self, frame: FramePeople) -> None:
        """Count one frame."""
        self.frames += 1
        self.frames_with_person += bool(frame.people)
        self.persons += len(frame.people)
        self._ids.update(person.id for person in frame.people if person.id is not None)

    @property
    def tracks(self) -> int:
        """Ids seen."""
        return len(self._ids)


def summary(
    source: Source,
    tally: Tally,
    clock: StageClock,
    *,
    engine: tuple[str, str],
    device: str,
    threads: int,
    truncated: bool,
    damage: str | None,
) -> dict[str, Any]:
    """The content of summary.json. Unlike poses.jsonl it differs between runs: it holds times and versions."""
    seconds = clock.seconds()
    name, version = engine
    return {
        "schema_version": SCHEMA_VERSION,
        "source": {"name": source.name, "sha256": source.sha256},
        "frames": tally.frames,
        "frames_with_person": tally.frames_with_person,
        "persons": tally.persons,
        "tracks": tally.tracks,
        "truncated": truncated,
        "message": damage,
        "seconds": seconds,
        "frames_per_second": round(tally.frames / max(seconds["total"], 1e-3), 2),
        "threads": threads,
        "device": device,
        "versions": {
            "pose-sidecar": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "opencv": cv2.__version__,
            "pyav": av.__version__,
            name: version,
        },
    }
