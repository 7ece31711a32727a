"""Results to export."""

from __future__ import annotations

from pathlib import Path

from sidecar.results.reading import Result, open_result
from tests.results.makers import make_frames, make_person, make_summary, write_result

# Two people, then one of them filled, then nobody.
PEOPLE = [
    [make_person(identity=1, seed=1), make_person(identity=2, seed=2, at=(300.0, 100.0), score=0.7)],
    [
        make_person(identity=1, seed=3),
        make_person(identity=2, seed=4, provenance="interpolated", score=0.5, distance=1),
    ],
    [],
    [make_person(identity=None, seed=5, provenance="low_score", score=0.2)],
]


def make_result(folder: Path, *, name: str = "rider.mp4") -> Result:
    summary = make_summary(source={"name": name, "sha256": "ab" * 32})
    return open_result(write_result(folder, make_frames(PEOPLE), summary=summary))
