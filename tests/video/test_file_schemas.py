"""What is written fits the schemas of protocol/schema/files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import pytest

from sidecar.data import data_path
from sidecar.video.process import Outcome
from tests.media.clips import cut_off, make_clip, picture
from tests.video.makers import OPTIONS, read_poses, run


def validator(name: str) -> jsonschema.Draft7Validator:
    schema = json.loads(data_path("protocol", "schema", "files", f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def _video(folder: Path) -> Path:
    return make_clip(folder / "clip.mp4")


def _truncated(folder: Path) -> Path:
    return cut_off(make_clip(folder / "cut.mkv", frames=100))


def _image(folder: Path) -> Path:
    cv2.imwrite(str(folder / "photo.png"), picture())
    return folder / "photo.png"


@pytest.fixture(params=[_video, _truncated, _image], ids=["video", "truncated", "image"])
def outcome(request: pytest.FixtureRequest, tmp_path: Path) -> Outcome:
    return run(request.param(tmp_path), tmp_path, options=replace(OPTIONS, overlay=True))


def test_result_files_fit_their_schemas(outcome: Outcome) -> None:
    header, frames = read_poses(outcome.directory)
    validator("poses-header").validate(header)
    for frame in frames:
        validator("poses-frame").validate(frame)
    assert any(frame["persons"] for frame in frames)
    summary = json.loads((outcome.directory / "summary.json").read_bytes())
    assert summary == outcome.summary
    validator("summary").validate(summary)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("poses-header", lambda header, frame: header | {"schema_version": 2}),
        ("poses-header", lambda header, frame: header | {"digests": {"a": "short"}}),
        ("poses-header", lambda header, frame: header | {"surprise": 1}),
        ("poses-frame", lambda header, frame: {**frame, "frame": -1}),
        ("poses-frame", lambda header, frame: {**frame, "persons": [frame["persons"][0] | {"provenance": "guessed"}]}),
        ("poses-frame", lambda header, frame: {**frame, "persons": [frame["persons"][0] | {"id": 0}]}),
    ],
)
def test_schemas_refuse_what_is_wrong(tmp_path: Path, name: str, spoil: Any) -> None:
    header, frames = read_poses(run(_video(tmp_path), tmp_path).directory)
    assert not validator(name).is_valid(spoil(header, frames[0]))
