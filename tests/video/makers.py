"""Sources, options and result files for these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sidecar.video.options import VideoOptions
from sidecar.video.process import Outcome, process
from sidecar.video.source import identify
from tests.tracking.makers import ScriptedEstimator, make_person

OPTIONS = VideoOptions(estimator="scripted", overlay=False)


def one_person() -> ScriptedEstimator:
    """Finds one person who walks to the right, whatever the picture."""
    return ScriptedEstimator(lambda call, regions: [make_person(10 + call, 24, side=20)])


def run(path: Path, out: Path, estimator: ScriptedEstimator | None = None, **changes: Any) -> Outcome:
    """Process a file with a scripted estimator."""
    options = changes.pop("options", OPTIONS)
    return process(identify(path), out, options, estimator or one_person(), **changes)


def read_poses(directory: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Header and frames of poses.jsonl."""
    header, *frames = [json.loads(line) for line in (directory / "poses.jsonl").read_text().splitlines()]
    return header, frames
