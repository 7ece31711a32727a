"""HMR2.0 needs torch, a checkpoint and a body; whichever is absent, the daemon says so and what mends it."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest

from sidecar.bootstrap.packages import pin_of
from tests.readiness.expect import init_failed
from tests.readiness.scratch import Scratch

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is absent: scripts/setup --all")


def test_without_torch_the_pair_that_was_tried_is_named(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden={"torch", "torchvision"})
    failure = init_failed(scratch.start("--estimator", "hmr2"), scratch)
    assert (failure["code"], failure["module"], failure["package"]) == ("IMPORT_FAILED", "torch", "torch")
    for name in ("torch", "torchvision"):
        pin = pin_of(name)
        assert pin
        assert pin.spec in failure["command"]


def bring(folder: Path, name: str, file: str) -> None:
    """A file under its usual name, pinned as `models add` pins it."""
    folder.mkdir(exist_ok=True)
    (folder / file).write_bytes(name.encode())
    pins_file = folder / "pins.json"
    pins = json.loads(pins_file.read_text())["pins"] if pins_file.exists() else {}
    pins[name] = {"sha256": sha256(name.encode()).hexdigest(), "bytes": len(name), "source": "a test"}
    pins_file.write_text(json.dumps({"version": 1, "pins": pins}))


@needs_torch
@pytest.mark.torch
@pytest.mark.parametrize(
    ("there", "missing"),
    [
        pytest.param([], "hmr2b", id="no checkpoint"),
        pytest.param([("hmr2b", "hmr2b.ckpt")], "smpl-neutral", id="no body"),
    ],
)
def test_a_missing_file_is_named_with_the_next_step(there: list[tuple[str, str]], missing: str, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    models = tmp_path / "models"
    for name, file in there:
        bring(models, name, file)
    session = scratch.start("--estimator", "hmr2", POSE_MODELS_DIR=str(models))
    failure = init_failed(session, scratch)
    assert (failure["code"], failure["phase"]) == ("MODEL_MISSING", "loading")
    assert f"of {missing} " in failure["message"]
    assert str(models) in failure["message"]
    assert f"pull {missing}" in failure["hint"] or f"--as {missing}" in failure["hint"]


@needs_torch
@pytest.mark.torch
def test_a_checkpoint_that_is_none_is_refused_with_its_path(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    models = tmp_path / "models"
    bring(models, "hmr2b", "hmr2b.ckpt")
    bring(models, "smpl-neutral", "SMPL_NEUTRAL.pkl")
    failure = init_failed(scratch.start("--estimator", "hmr2", POSE_MODELS_DIR=str(models)), scratch)
    assert failure["code"] == "MODEL_LOAD_FAILED"
    assert str(models / "SMPL_NEUTRAL.pkl") in failure["message"]
