"""Three layouts become one; what is no ViTPose is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from sidecar.checkpoints.safetensors_file import write_safetensors
from sidecar.estimators.vit.sizes import SIZES
from sidecar.estimators.vitpose.layout import recognised
from tests.estimators.vitpose.makers import State, original_shapes, original_state, save

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
pytestmark = pytest.mark.torch

SOURCE = Path("weights.pth")


def hollow(shapes: dict[str, tuple[int, ...]]) -> State:
    """Arrays of any size that need no memory."""
    return {key: np.broadcast_to(np.float32(0), shape) for key, shape in shapes.items()}


def converted(state: State) -> State:
    """An original file as transformers' conversion writes it; spelled out, so that ours is not its own judge."""
    out: State = {}
    for key, value in state.items():
        name = key
        for old, new in (
            ("patch_embed.proj", "embeddings.patch_embeddings.projection"),
            ("pos_embed", "embeddings.position_embeddings"),
            ("blocks", "encoder.layer"),
            ("attn.proj", "attention.output.dense"),
            ("norm1", "layernorm_before"),
            ("norm2", "layernorm_after"),
            ("last_norm", "layernorm"),
            ("keypoint_head", "head"),
            ("deconv_layers.0.", "deconv1."),
            ("deconv_layers.1.", "batchnorm1."),
            ("deconv_layers.3.", "deconv2."),
            ("deconv_layers.4.", "batchnorm2."),
            ("final_layer", "conv"),
        ):
            name = name.replace(old, new)
        if "attn.qkv" in name:
            for part, rows in zip(("query", "key", "value"), np.split(value, 3), strict=True):
                out[name.replace("attn.qkv", f"attention.attention.{part}")] = rows
        else:
            out[name] = value
    return out


def with_experts(state: State, part: int, prefix: str = "experts.") -> State:
    """The same network as a file of ViTPose+: its last rows are the expert for COCO, five others are beside it."""
    out: State = {}
    for key, value in state.items():
        if ".mlp.fc2." in key:
            stem, _, kind = key.partition(".fc2.")
            out[key] = value[:-part]
            for expert in range(6):
                out[f"{stem}.{prefix}{expert}.{kind}"] = value[-part:] + np.float32(expert)
        else:
            out[key] = value
    out["associate_keypoint_heads.0.final_layer.weight"] = np.zeros((14, 256, 1, 1), np.float32)
    return out


def assert_same(ours: Any, state: State) -> None:
    plain = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    assert set(ours) == set(plain)
    for key, value in plain.items():
        np.testing.assert_array_equal(ours[key], value)


@pytest.mark.parametrize("head", ["classic", "simple"])
@pytest.mark.parametrize("size", ["small", "base", "large", "huge"])
def test_original_files_fit_our_network_name_for_name(size: str, head: str) -> None:
    from sidecar.estimators.vitpose.network import VitPose

    weights = recognised(hollow(original_shapes(SIZES[size], head)), SOURCE)
    assert (weights.size, weights.head, weights.keypoints) == (SIZES[size], head, 17)
    with torch.device("meta"):
        network = VitPose(weights.size, weights.head, weights.keypoints)
    assert {key: tuple(value.shape) for key, value in network.state_dict().items()} == {
        key: value.shape for key, value in weights.tensors.items()
    }


@pytest.mark.parametrize("head", ["classic", "simple"])
def test_converted_files_become_the_same_tensors(head: str) -> None:
    state = original_state(head=head)
    assert_same(recognised(converted(state), SOURCE).tensors, state)


@pytest.mark.parametrize("layout", ["original", "converted"])
def test_experts_other_than_cocos_are_left_out(layout: str) -> None:
    state = original_state()
    moe = with_experts(state, 96)
    if layout == "converted":
        moe = converted(with_experts(state, 96, prefix="experts.experts."))
        moe = {key: value for key, value in moe.items() if "associate" not in key}
    assert_same(recognised(moe, SOURCE).tensors, state)


@pytest.mark.parametrize("rooted", [False, True])
def test_the_root_may_hold_more_than_the_weights(tmp_path: Path, rooted: bool) -> None:
    state = original_state(head="simple")
    path = save(state, tmp_path / "vitpose.pth", rooted=rooted, meta={"epoch": 210, "config": "model = dict()"})
    assert_same(recognised(read_state_dict(path), path).tensors, state)


def test_a_safetensors_file_is_read(tmp_path: Path) -> None:
    state = converted(original_state(head="simple"))
    write_safetensors(tmp_path / "model.safetensors", state, {"format": "pt"})
    path = tmp_path / "model.safetensors"
    assert_same(recognised(read_state_dict(path), path).tensors, original_state(head="simple"))


def without(state: State, part: str) -> State:
    return {key: value for key, value in state.items() if part not in key}


FOREIGN: dict[str, tuple[State, str]] = {
    "empty": ({}, "is no ViTPose"),
    "without a head": (without(hollow(original_shapes(SIZES["small"], "simple")), "keypoint_head"), "is no ViTPose"),
    "without positions": (without(hollow(original_shapes(SIZES["small"], "simple")), "pos_embed"), "is no ViTPose"),
    "a head that is a line": (
        hollow(original_shapes(SIZES["small"], "simple") | {"keypoint_head.final_layer.weight": (17,)}),
        "is no ViTPose",
    ),
    "tokens of another width": (
        hollow(original_shapes(SIZES["small"], "simple") | {"backbone.pos_embed": (1, 193, 512)}),
        "has tokens of 512 channels; known: 384, 768, 1024, 1280",
    ),
    "an expert that does not fit": (
        hollow(
            original_shapes(SIZES["small"], "simple") | {"backbone.blocks.0.mlp.experts.0.weight": (96, 7)},
        ),
        "does not continue the layer",
    ),
}


@pytest.mark.parametrize(("state", "message"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_vitpose_is_refused(state: State, message: str) -> None:
    with pytest.raises(ModelFileRefused, match=message):
        recognised(state, SOURCE)


@pytest.mark.parametrize("fault", ["missing", "unexpected", "misshaped"])
def test_loading_is_strict(fault: str) -> None:
    from sidecar.estimators.vitpose.network import VitPose
    from sidecar.runtimes.torch_tensors import load_tensors

    state = original_state(head="simple")
    if fault == "missing":
        del state["backbone.blocks.11.norm2.bias"]
    elif fault == "unexpected":
        state["backbone.blocks.12.norm2.bias"] = np.zeros(384, np.float32)
    else:
        state["backbone.blocks.3.attn.proj.bias"] = np.zeros(1, np.float32)
    weights = recognised(state, SOURCE)
    network = VitPose(weights.size, weights.head, weights.keypoints)
    with pytest.raises(ModelFileRefused, match=r"is of another model: .*blocks"):
        load_tensors(network, weights.tensors, source=SOURCE)


class _Runs:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    state = original_state(head="simple")
    path = save(state, tmp_path / "evil.pth", rooted=True, meta=_Runs(mark))
    assert_same(recognised(read_state_dict(path), path).tensors, state)  # the weights are fine, the rest stays inert
    torch.save({"state_dict": {"backbone.pos_embed": _Runs(mark)}}, path)
    with pytest.raises(ModelFileRefused, match=r"is no tensor"):
        read_state_dict(path)
    assert not mark.exists()


def test_a_safetensors_index_that_promises_too_much(tmp_path: Path) -> None:
    index = {"head.conv.weight": {"dtype": "F32", "shape": [2**40, 2**20], "data_offsets": [0, 2**62]}}
    text = json.dumps(index).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 64)
    with pytest.raises(ModelFileRefused, match="is no whole safetensors file"):
        read_state_dict(path)
