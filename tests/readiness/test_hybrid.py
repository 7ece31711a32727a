"""The hybrid is made of four files: a daemon that lacks several names every one, and what brings them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.readiness.expect import init_failed
from tests.readiness.scratch import Scratch
from tests.readiness.test_hmr2 import bring

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(find_spec("torch") is None, reason="torch is absent: scripts/setup --all"),
]


def test_every_missing_file_is_named_at_once(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    models = tmp_path / "models"
    bring(models, "hmr2b", "hmr2b.ckpt")
    failure = init_failed(scratch.start("--estimator", "hybrid", POSE_MODELS_DIR=str(models)), scratch)
    assert (failure["code"], failure["phase"]) == ("MODEL_MISSING", "loading")
    missing = [one["model"] for one in failure["details"]["missing"]]
    assert missing[-2:] == ["smpl-neutral", "vitpose-b"]
    assert ", ".join(missing) in failure["message"]
    pulled = [name for name in missing if name != "smpl-neutral"]
    assert failure["command"].endswith("models pull " + " ".join(pulled))
    assert "--as smpl-neutral" in failure["hint"]
    assert str(models) in failure["message"]


def test_a_bad_option_is_told_with_the_known_ones(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    options = ["--option", "device=cpu", "--option", "vitpose=xl"]
    failure = init_failed(scratch.start("--estimator", "hybrid", *options), scratch)
    assert failure["code"] == "CONFIG_INVALID"
    assert "option vitpose must be one of s, b, l, h" in failure["message"]
