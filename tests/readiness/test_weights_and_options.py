"""Weights that are not right, options that are not known, a cache that cannot be written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.estimators import registry
from sidecar.weights.manifest import WheelSource, load_manifest
from tests.paths import ROOT
from tests.readiness.expect import init_failed, ready, skip_without_weights
from tests.readiness.scratch import Scratch
from tests.readiness.wheelhouse import stub_wheel

FULL = next(model for model in load_manifest().default if model.name == "blazepose-full")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """Runs a copy of the package, so that the weights of the checkout are not in its search path."""
    scratch = Scratch(tmp_path, home=tmp_path / "home")
    for part in ("sidecar", "models", "protocol"):
        shutil.copytree(ROOT / part, scratch.home / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.glob("requirements*.txt"):
        shutil.copy(file, scratch.home)
    return scratch


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The default weights, in a folder of our own."""
    folder = tmp_path / "models"
    folder.mkdir()
    source = skip_without_weights()
    for model in load_manifest().default:
        shutil.copy(source / model.file, folder)
    return folder


def remove(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(remove, "absent", id="missing"),
        pytest.param(truncate, "truncated", id="truncated"),
        pytest.param(flip_a_byte, "wrong_digest", id="one byte differs"),
    ],
)
def test_wrong_weights_are_listed_with_paths_and_reasons_and_a_pull_mends_it(
    damage: Callable[[Path], None], problem: str, scratch: Scratch, models: Path, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    wheel_of_models(models, wheels)
    damage(models / FULL.file)

    failure = init_failed(scratch.start(POSE_MODELS_DIR=str(models)), scratch)

    assert (failure["code"], failure["phase"]) == ("MODEL_MISSING", "loading")
    assert FULL.name in failure["message"]
    assert str(models / FULL.file) in failure["message"]
    problems = {one["path"]: one["problem"] for one in failure["details"]["rejected"]}
    assert problems[str(models / FULL.file)] == problem
    scratch.obey(failure["command"], wheels=wheels, POSE_MODELS_DIR=str(models))
    ready(scratch.start(POSE_MODELS_DIR=str(models)))


def wheel_of_models(models: Path, wheels: Path) -> None:
    """The wheel that the manifest names, with nothing in it but the weights."""
    source = next(source for source in FULL.sources if isinstance(source, WheelSource))
    members = {
        own.member: (models / model.file).read_bytes()
        for model in load_manifest().default
        for own in model.sources
        if isinstance(own, WheelSource)
    }
    tag = f"{source.abi}-{source.abi}-{source.platform}"
    stub_wheel(source.distribution, source.version, wheels, members, tag=tag)


def test_an_unknown_estimator_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.add_estimator("third")
    failure = init_failed(scratch.start("--estimator", "blazepoes"), scratch)
    assert failure["code"] == "CONFIG_INVALID"
    assert "'blazepoes'" in failure["message"]
    for name in [*registry.names(), "third"]:
        assert name in failure["message"]


@pytest.mark.parametrize(
    ("option", "named"),
    [
        pytest.param("speed=9", ("'speed'", "delay_ms", "persons"), id="unknown option"),
        pytest.param("persons=many", ("'many'", "persons"), id="not a number"),
        pytest.param("persons=65", ("65", "64"), id="out of range"),
    ],
)
def test_a_bad_option_is_refused_with_its_value_and_the_known_ones(
    option: str, named: tuple[str, ...], tmp_path: Path
) -> None:
    scratch = Scratch(tmp_path)
    failure = init_failed(scratch.start("--estimator", "null", "--option", option), scratch)
    assert failure["code"] == "CONFIG_INVALID"
    for text in named:
        assert text in failure["message"] + failure["hint"]


def test_an_unknown_detector_is_refused_with_the_known_ones(scratch: Scratch, models: Path) -> None:
    failure = init_failed(scratch.start("--detector", "eyes", POSE_MODELS_DIR=str(models)), scratch)
    assert failure["code"] == "CONFIG_INVALID"
    for text in ("'eyes'", "none", "rtmdet-nano"):
        assert text in failure["message"]


def test_a_cache_that_cannot_be_written_is_a_warning(scratch: Scratch, models: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    message = ready(scratch.start(POSE_MODELS_DIR=str(models), POSE_CACHE_DIR=str(file / "cache")))
    (warning,) = message["warnings"]
    assert warning["code"] == "cache_unwritable"
    assert str(file / "cache") in warning["message"]
    assert "POSE_CACHE_DIR" in warning["hint"]


def test_logs_that_cannot_be_copied_are_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    scratch = Scratch(tmp_path)
    session = scratch.start("--estimator", "null", POSE_LOG_DIR=str(tmp_path / "file" / "logs"))
    (warning,) = ready(session)["warnings"]
    assert warning["code"] == "log_dir_unwritable"
    assert session.stderr.count("log copies cannot be written") == 1
