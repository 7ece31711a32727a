"""A result's name changes exactly with what changes results."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sidecar.estimators.protocol import ModelRef
from sidecar.tracking.options import AssembleOptions
from sidecar.video import identity
from sidecar.video.options import VideoOptions
from sidecar.video.process import directory_name
from sidecar.video.source import Source
from tests.tracking.makers import ScriptedEstimator

SOURCE = Source(Path("ride.mp4"), "video", "ab" * 32, 1000, state=())
MODELS = (ModelRef("a", Path("/models/a.tflite"), "11" * 32), ModelRef("b", Path("/models/b.tflite"), "22" * 32))
OPTIONS = VideoOptions(estimator="scripted")


def name(*, source: Source = SOURCE, options: VideoOptions = OPTIONS, **changes: Any) -> str:
    estimator = ScriptedEstimator(lambda call, regions: [], **{"models": MODELS, **changes})
    return directory_name(source, options, estimator)


def test_the_name_is_pinned() -> None:
    """A change here orphans everybody's results: raise SCHEMA_VERSION when formats change, and nothing else."""
    canonical = (
        '{"content":"'
        + "ab" * 32
        + '","models":{"a":"'
        + "11" * 32
        + '","b":"'
        + "22" * 32
        + '"},"options":{"assemble":{"clean":"hampel+smooth","extrapolate_s":0.0,"keep_raw":false,"max_gap_s":1.0},'
        '"detector":null,"effort":"thorough","estimator":"scripted","estimator_options":{},'
        '"min_score":0.5,"segment_frames":64},"schema_version":1}'
    )
    assert name() == "video_" + hashlib.sha256(canonical.encode()).hexdigest()[:16] == "video_2fb56f9fdf95b354"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"source": replace(SOURCE, path=Path("/elsewhere/other.mov"))}, id="path"),
        pytest.param({"options": replace(OPTIONS, threads=8)}, id="threads"),
        pytest.param({"options": replace(OPTIONS, overlay=False)}, id="overlay"),
        pytest.param({"options": replace(OPTIONS, assemble=AssembleOptions(max_gap_s=1))}, id="1 for 1.0"),
        pytest.param({"options": replace(OPTIONS, estimator_options={"detector": "none"})}, id="the default by name"),
        pytest.param({"models": tuple(replace(m, path=Path("/other") / m.name) for m in MODELS)}, id="model paths"),
        pytest.param({"models": MODELS[::-1]}, id="order of models"),
    ],
)
def test_what_leaves_results_alone_leaves_the_name(other: dict[str, Any]) -> None:
    assert name(**other) == name()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"source": replace(SOURCE, sha256="ac" * 32)}, id="content"),
        pytest.param({"options": replace(OPTIONS, min_score=0.4)}, id="min_score"),
        pytest.param({"options": replace(OPTIONS, estimator_options={"recrops": "2"})}, id="estimator option"),
        pytest.param({"models": (MODELS[0], replace(MODELS[1], sha256="33" * 32))}, id="model digest"),
        pytest.param({"detector": "rtmdet-nano"}, id="detector"),
        pytest.param({"options": replace(OPTIONS, assemble=AssembleOptions(clean="none"))}, id="cleaning"),
        pytest.param({"options": replace(OPTIONS, assemble=AssembleOptions(max_gap_s=2))}, id="longest gap"),
    ],
)
def test_what_changes_results_changes_the_name(other: dict[str, Any]) -> None:
    assert name(**other) != name()


@pytest.mark.parametrize("given", [{}, {"recrops": 3}, {"recrops": "3"}, {"recrops": "03", "delay_ms": 5}])
def test_what_an_estimator_made_of_its_options_counts_and_not_how_they_were_given(given: dict[str, Any]) -> None:
    assert name(options=replace(OPTIONS, estimator_options=given), settings={"recrops": 3}) == name(
        settings={"recrops": 3}
    )
    assert name(settings={"recrops": 3}) != name(settings={"recrops": 2})


@pytest.mark.parametrize("min_score", [0.0, -0.0, 0.05])
def test_thresholds_under_the_lowest_score_there_is_are_one(min_score: float) -> None:
    assert name(options=replace(OPTIONS, min_score=min_score)) == name(options=replace(OPTIONS, min_score=0.1))


def test_the_schema_version_changes_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = name()
    monkeypatch.setattr(identity, "SCHEMA_VERSION", identity.SCHEMA_VERSION + 1)
    assert name() != before
