"""A converted checkpoint is the same model: same numbers in the same estimator, whatever layout it had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.checkpoints.converting import Converted, convert  # noqa: E402
from sidecar.checkpoints.errors import ModelFileRefused  # noqa: E402
from sidecar.checkpoints.reading import read_state_dict  # noqa: E402
from sidecar.estimators.converting import chosen  # noqa: E402
from sidecar.estimators.protocol import LoadContext  # noqa: E402
from sidecar.estimators.vitpose import loading as vitpose_loading  # noqa: E402
from sidecar.pose.region import Region  # noqa: E402
from tests.estimators.hmr2.layout import tiny_checkpoint  # noqa: E402
from tests.estimators.hmr2.test_network import crops  # noqa: E402
from tests.estimators.hmr2.test_network import load as load_hmr2  # noqa: E402
from tests.estimators.vitpose.makers import State, original_state, save  # noqa: E402
from tests.estimators.vitpose.test_layout import converted, with_experts  # noqa: E402

pytestmark = pytest.mark.torch


class Trainer:
    """An object of a class that the reader does not know, as trainers leave them in checkpoints."""


def by_our_command(source: Path) -> tuple[Path, Converted]:
    target = source.with_suffix(".safetensors")
    return target, convert(source, target, choose=chosen)


def people_of(weights: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whom a ViTPose on torch with these weights finds in two regions of a noisy picture."""

    class NoDetector:
        name = "none"
        model = None

    monkeypatch.setattr(vitpose_loading, "load_detector", lambda *_: NoDetector())
    options = {"file": str(weights), "device": "cpu", "runtime": "torch", "flip_test": "off"}
    estimator = vitpose_loading.load(LoadContext(options, threads=1, cache_dir=None))
    image = np.random.default_rng(3).integers(0, 256, (200, 200, 3), np.uint8)
    (people,) = estimator.estimate([image], regions=[[Region(100, 100, 150), Region(80, 90, 60, 0.4)]], min_score=0.1)
    return people


LAYOUTS: dict[str, Callable[[State], State]] = {
    "original": lambda state: state,
    "converted by transformers": converted,
    "with experts": lambda state: with_experts(state, 96),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_vitpose_finds_the_same_people(layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state: State = LAYOUTS[layout](original_state("small", "simple"))
    source = save(state, tmp_path / "a.pth", rooted=True, meta=Trainer())
    target, done = by_our_command(source)
    assert (done.notes["estimator"], done.notes["model"]) == ("vitpose", "ViTPose of 384 channels, simple head")
    theirs, ours = people_of(source, monkeypatch), people_of(target, monkeypatch)
    assert len(ours) == len(theirs) > 0
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.keypoints, other.keypoints)
        assert one.score == other.score


def test_hmr2_says_the_same_and_keeps_nothing_else(tmp_path: Path) -> None:
    state = tiny_checkpoint()
    source = save(state, tmp_path / "a.ckpt", rooted=True, meta=Trainer())
    target, done = by_our_command(source)
    kept = read_state_dict(target)
    assert set(kept) == {key for key in state if key.startswith(("backbone.", "smpl_head.", "smpl.J_regressor_extra"))}
    assert (done.tensors, done.notes["estimator"]) == (len(kept), "hmr2")
    for key, array in kept.items():
        np.testing.assert_array_equal(array, state[key])
    with torch.inference_mode():
        ours, theirs = (load_hmr2(read_state_dict(path)).read(crops(2)) for path in (target, source))
    for name in ("pose", "betas", "camera"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_a_conversion_of_a_conversion_is_the_same_again(tmp_path: Path) -> None:
    first, _ = by_our_command(save(tiny_checkpoint(), tmp_path / "a.ckpt"))
    second = tmp_path / "b.safetensors"
    convert(first, second, choose=chosen)
    for key, array in read_state_dict(first).items():
        np.testing.assert_array_equal(read_state_dict(second)[key], array)


FOREIGN: dict[str, tuple[list[str], str]] = {
    "torchvision": (["backbone.body.conv1.weight", "roi_heads.box_head.fc6.weight"], "is neither ViTPose nor HMR2.0"),
    "another pose network": (["backbone.stem.weight", "keypoint_head.final_layer.weight"], "is no ViTPose"),
    "a backbone alone": (["backbone.pos_embed"], "is neither ViTPose nor HMR2.0"),
    "a head of HMR2 alone": (["smpl_head.decpose.weight"], "has no tensor that begins with backbone."),
    "HMR2 and more": (["backbone.a", "smpl_head.b", "mano_head.c"], r"it has 1 \(mano_head.c\)"),
}


@pytest.mark.parametrize(("keys", "says"), FOREIGN.values(), ids=FOREIGN)
def test_another_family_is_refused_and_leaves_nothing(keys: list[str], says: str, tmp_path: Path) -> None:
    source = save({key: np.zeros((1, 1, 1, 1), np.float32) for key in keys}, tmp_path / "a.pth")
    with pytest.raises(ModelFileRefused, match=says):
        by_our_command(source)
    assert list(tmp_path.iterdir()) == [source]


def test_a_vitpose_with_what_is_no_part_of_one_is_refused(tmp_path: Path) -> None:
    state = {**original_state("small", "simple"), "neck.weight": np.zeros(1, np.float32)}
    with pytest.raises(ModelFileRefused, match=r"it has 1 \(neck.weight\)"):
        by_our_command(save(state, tmp_path / "a.pth"))
