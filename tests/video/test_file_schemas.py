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
from sidecar.tracking.options import AssembleOptions
from sidecar.video.process import Outcome
from tests.media.clips import cut_off, make_clip, picture
from tests.tracking.makers import ScriptedEstimator, make_person
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


def _with_assembling(header: dict[str, Any], **changes: Any) -> dict[str, Any]:
    options = header["options"]
    return header | {"options": options | {"assemble": options["assemble"] | changes}}


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
        ("poses-frame", lambda header, frame: {**frame, "persons": [frame["persons"][0] | {"distance": -1}]}),
        ("poses-frame", lambda header, frame: {**frame, "persons": [frame["persons"][0] | {"keypoints_raw": [[1]]}]}),
        ("poses-header", lambda header, frame: _with_assembling(header, clean="a bit")),
        ("poses-header", lambda header, frame: _with_assembling(header, max_gap_s=-1)),
        ("poses-header", lambda header, frame: _with_assembling(header, window=3)),
    ],
)
def test_schemas_refuse_what_is_wrong(tmp_path: Path, name: str, spoil: Any) -> None:
    header, frames = read_poses(run(_video(tmp_path), tmp_path).directory)
    assert not validator(name).is_valid(spoil(header, frames[0]))


@pytest.mark.parametrize("clean", ["hampel+smooth", "smooth", "hampel", "none"])
def test_files_with_raw_keypoints_and_predictions_fit_too(tmp_path: Path, clean: Any) -> None:
    options = AssembleOptions(clean=clean, keep_raw=True, extrapolate_s=0.1, max_gap_s=0.5)
    estimator = ScriptedEstimator(lambda call, regions: [make_person(10 + call, 24, side=20)] if 3 < call < 6 else [])
    outcome = run(_video(tmp_path), tmp_path, estimator, options=replace(OPTIONS, assemble=options))
    header, frames = read_poses(outcome.directory)
    validator("poses-header").validate(header)
    assert header["options"]["assemble"] == options.plain()
    people = [person for frame in frames for person in frame["persons"]]
    for frame in frames:
        validator("poses-frame").validate(frame)
    assert {(person["provenance"], person["keypoints_raw"] is None) for person in people} == {
        ("detected", False),
        ("predicted", True),
    }
