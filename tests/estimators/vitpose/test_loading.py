"""From options and a file to a warm estimator, on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.bootstrap.failure import Failure  # noqa: E402
from sidecar.checkpoints.errors import ModelFileRefused  # noqa: E402
from sidecar.estimators.protocol import LoadContext, OptionError  # noqa: E402
from sidecar.estimators.vitpose.loading import load  # noqa: E402
from sidecar.estimators.vitpose.on_torch import OnTorch  # noqa: E402
from sidecar.estimators.vitpose.options import read_options  # noqa: E402
from sidecar.media.image import decode  # noqa: E402
from sidecar.pose.region import Region  # noqa: E402
from sidecar.runtimes.torch import Placement  # noqa: E402
from sidecar.weights.store import sha256_of  # noqa: E402
from tests.estimators.vitpose.makers import original_state, save  # noqa: E402
from tests.paths import FIXTURES, needs_shared  # noqa: E402

pytestmark = pytest.mark.torch


def no_warning(code: str, message: str, hint: str | None) -> None:
    pytest.fail(f"unexpected warning {code}: {message}")


def context(cache: Path | None, **options: Any) -> LoadContext:
    return LoadContext(options, threads=1, cache_dir=cache, warn=no_warning)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(save(original_state("small", "simple"), tmp_path_factory.mktemp("vitpose") / "own.pth", rooted=True))


BAD: dict[str, tuple[dict[str, object], str]] = {
    "unknown option": ({"size": "b"}, "unknown option 'size'"),
    "unknown model": ({"model": "xl"}, "option model must be one of s, b, l, h"),
    "unknown detector": ({"detector": "yolo"}, "option detector must be one of rtmdet-nano, fasterrcnn"),
    "a flip test that is a truth value": ({"flip_test": True}, "option flip_test must be one of on, off, got True"),
    "two sets of weights": ({"model": "b", "file": "x.pth"}, "options model and file name two sets of weights"),
    "a file that is no path": ({"file": 3}, "option file must be a path, got 3"),
    "openvino on a GPU": ({"runtime": "openvino", "device": "cuda:1"}, "'openvino' computes on the CPU"),
    "half precision on the CPU": ({"device": "cpu", "precision": "bf16"}, "needs a GPU"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD)
def test_bad_options_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        read_options(options)


def test_absent_weights_are_named_with_their_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_MODELS_DIR", str(tmp_path))
    with pytest.raises(Failure, match=r"vitpose_huge\.pth") as missing:
        load(context(None, model="h", device="cpu"))
    assert missing.value.command is not None
    assert missing.value.command.endswith("models pull vitpose-h")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileRefused, match="cannot be read"):
        load(context(None, file=str(tmp_path / "absent.pth")))


@needs_shared
def test_both_engines_find_the_same(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_MODELS_DIR", str(FIXTURES / "models"))
    image = decode(sorted((FIXTURES / "images").glob("*.jpg"))[0].read_bytes())
    regions = [[Region(200, 200, 150), Region(120, 180, 200, 0.5)]]
    options = {"file": str(weights), "device": "cpu", "flip_test": "on"}
    found = {}
    for runtime in ("torch", "openvino"):
        estimator = load(context(tmp_path, runtime=runtime, **options))
        found[runtime] = estimator.estimate([image], regions=regions, min_score=0.1)[0]
        info = estimator.info
        assert (info.runtime[0], info.device.lower()) == (runtime, "cpu")
        assert [model.name for model in info.models] == ["rtmdet-nano", "file"]
        assert info.models[1].sha256 == sha256_of(weights)
        estimator.estimate([image])
        estimator.close()
    assert len(found["torch"]) == len(found["openvino"]) > 0
    for one, other in zip(found["torch"], found["openvino"], strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-3)
        apart = np.abs(one.keypoints[:, :2] - other.keypoints[:, :2])
        # Random weights make flat, noisy heatmaps, whose refinement is worse conditioned than a trained network's.
        assert np.median(apart) < 0.01


def test_keypoints_of_another_set_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sidecar.estimators.vitpose import loading

    monkeypatch.setattr(loading, "load_detector", lambda name, context, placement: None)
    path = save(original_state("small", "simple", keypoints=133), tmp_path / "wholebody.pth")
    with pytest.raises(ModelFileRefused, match="answers with 133 keypoints; only COCO's 17 are known"):
        load(context(None, file=str(path), device="cpu"))


def test_torch_halves_its_batches_when_memory_ends() -> None:
    sizes: list[int] = []

    def reader(pixels: Any) -> Any:
        sizes.append(len(pixels))
        if len(pixels) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return pixels[:, :64, :48, :1].permute(0, 3, 1, 2).float().repeat(1, 17, 1, 1)

    engine = OnTorch(reader, Placement(torch.device("cpu"), torch.float32), batch=8)
    crops = [np.full((256, 192, 3), number, np.uint8) for number in range(5)]
    assert [int(maps[0, 0, 0]) for maps in engine(crops, cancel=None)] == [0, 1, 2, 3, 4]
    assert sizes == [5, 2, 2, 1]
