"""`python -m sidecar eval`: figures out, and clear words where something is missing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("pycocotools", reason="pycocotools is absent: pip install pycocotools")

from sidecar.bootstrap.failure import Failure
from sidecar.cli import eval as cli
from tests.evaluation.makers import annotation, make_pose, write_labels
from tests.paths import FIXTURES, ROOT, needs_shared


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_labels(tmp_path, [annotation(1, 1, make_pose(1)), annotation(2, 2, make_pose(2))])


def flags(labels: Path, *more: str) -> list[str]:
    return ["--annotations", str(labels), "--images", str(labels.parent), "--threads", "1", *more]


def test_figures_for_people(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(flags(labels, "--estimator", "null")) == 0
    out = capsys.readouterr().out
    assert "null on " in out
    assert "AP 0.000  AP50 0.000" in out
    assert "mean OKS 0.000 over 2 labelled people; 0 met at 0.5 or more; 0 answered" in out


def test_figures_for_machines(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(flags(labels, "--estimator", "null", "--option", "persons=1", "--json", "--limit", "1")) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["estimator"], found["pictures"], found["labelled"], found["answered"]) == ("null", 1, 1, 1)
    assert set(found["coco"]) >= {"AP", "AP50", "AR"}


BAD = {
    "score": (["--min-score", "2"], "--min-score must be from 0 to 1, got 2.0"),
    "limit": (["--limit", "0"], "--limit must be at least 1, got 0"),
    "option": (["--option", "persons"], "--option must be NAME=VALUE, got 'persons'"),
}


@pytest.mark.parametrize(("more", "message"), BAD.values(), ids=BAD)
def test_bad_values_are_named(labels: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(flags(labels, *more)) == 1
    assert f"pose-sidecar eval: {message}" in capsys.readouterr().err


def test_absent_pictures_are_counted(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (labels.parent / "2.png").unlink()
    assert cli.main(flags(labels)) == 1
    assert "1 of 2 pictures are not in" in capsys.readouterr().err


def test_a_damaged_picture_is_named(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (labels.parent / "1.png").write_bytes(b"no picture")
    assert cli.main(flags(labels, "--estimator", "null")) == 1
    assert "pose-sidecar eval: " in capsys.readouterr().err


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "--annotations" in capsys.readouterr().err


def test_without_pycocotools_the_command_that_brings_it_is_named(labels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    monkeypatch.setattr("sidecar.bootstrap.packages.installed", lambda paths=None: {})
    with pytest.raises(Failure, match="pycocotools is not installed") as missing:
        cli.main(flags(labels))
    assert missing.value.command is not None
    assert "install pycocotools" in missing.value.command


@needs_shared
def test_the_default_model_on_labelled_photos(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not (ROOT / ".models" / "pose_landmark_full.tflite").is_file():
        pytest.skip("weights are absent: python -m sidecar models pull")
    monkeypatch.setenv("POSE_MODELS_DIR", str(FIXTURES / "models"))
    folder = FIXTURES / "images"
    arguments = ["--annotations", str(folder / "coco_keypoints.json"), "--images", str(folder)]
    assert cli.main([*arguments, "--detector", "rtmdet-nano", "--threads", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["labelled"] == 12
    assert found["mean_oks"] == pytest.approx(0.778, abs=0.01)
    assert found["coco"]["AP"] == pytest.approx(0.576, abs=0.02)
