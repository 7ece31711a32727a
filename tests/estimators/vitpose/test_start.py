"""A start from a full cache does without torch, and is the same; one that needs torch says what is wrong with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.detectors.catalogue import DETECTORS
from sidecar.estimators.protocol import LoadContext
from sidecar.estimators.vitpose import loading
from sidecar.estimators.vitpose.options import read_options
from tests.estimators.vitpose.makers import original_state, save
from tests.paths import ROOT

pytestmark = [pytest.mark.torch, pytest.mark.slow]


def start(cache: Path, *flags: str, **options: Any) -> dict[str, Any]:
    """What `start.py` tells of a start in a process of its own."""
    command = [sys.executable, "-m", "tests.estimators.vitpose.start", json.dumps(options), *flags]
    environment = {**os.environ, "POSE_CACHE_DIR": str(cache), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save(original_state("small", "simple"), tmp_path_factory.mktemp("vitpose") / "own.pth"))


@pytest.fixture(scope="module")
def cold(weights: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A cache that a first start filled, and what that start told."""
    cache = tmp_path_factory.mktemp("cache")
    return cache, start(cache, file=weights, flip_test="off", runtime="openvino")


def test_a_second_start_imports_no_torch_and_answers_the_same(weights: str, cold: tuple[Path, dict[str, Any]]) -> None:
    cache, first = cold
    assert (first["runtime"], first["warnings"]) == ("openvino", [])
    assert first["torch"] is not None, "the conversion needs torch: is this test looking at the right thing?"
    second = start(cache, file=weights, flip_test="off", runtime="openvino")
    assert second == {**first, "torch": None}
    assert second["keypoints"]
    assert second["options"] == {"flip_test": False, "precision": "f32"}


def test_a_torch_that_is_broken_matters_only_where_it_is_needed(
    weights: str, cold: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    cache, first = cold
    warm = start(cache, "broken-torch", file=weights, flip_test="off", device="cpu")
    assert warm["keypoints"] == first["keypoints"]
    told = start(tmp_path, "broken-torch", file=weights, flip_test="off", device="cpu")
    assert (told["failure"], told["module"]) == ("IMPORT_FAILED", "torch")
    assert "libtorch.so" in told["message"]


@pytest.mark.parametrize("lost", ["the answer", "the model"])
def test_half_a_cache_asks_torch_again(
    lost: str, weights: str, cold: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    cache, first = cold
    shutil.copytree(cache, tmp_path / "half")
    answer, model = sorted((tmp_path / "half").rglob("*.blob"), key=lambda path: path.stat().st_size)
    (answer if lost == "the answer" else model).unlink()
    again = start(tmp_path / "half", file=weights, flip_test="off", runtime="openvino")
    assert again["torch"] is not None
    assert again["keypoints"] == first["keypoints"]


PLACES: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "the default, without a GPU's driver": ({}, False, False),
    "the default, with one": ({}, True, True),
    "the CPU, whatever drivers there are": ({"device": "cpu"}, True, False),
    "openvino, whatever drivers there are": ({"runtime": "openvino"}, True, False),
    "torch itself": ({"runtime": "torch"}, False, True),
    "a GPU that is not there": ({"device": "cuda", "fallback": "cpu"}, False, True),
    "a detector on torch": ({"device": "cpu", "detector": DETECTORS[1]}, False, True),
}


@pytest.mark.parametrize(("options", "driver", "asks_torch"), PLACES.values(), ids=PLACES)
def test_torch_is_asked_where_it_may_compute(
    options: dict[str, Any], driver: bool, asks_torch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sidecar.runtimes import torch

    asked: list[Any] = []
    monkeypatch.setattr(torch, "place", lambda wanted, **_: asked.append(wanted))
    monkeypatch.setattr(loading, "has_gpu_driver", lambda: driver)
    loading._placement(read_options(options), LoadContext({}, threads=1, cache_dir=None))
    assert bool(asked) is asks_torch
