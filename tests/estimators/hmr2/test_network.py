from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict, under
from sidecar.estimators.vit.sizes import VitSize
from sidecar.smpl.rotations import from_six
from tests.estimators.hmr2 import reference
from tests.estimators.hmr2.layout import TINY, checkpoint_shapes, tiny_checkpoint
from tests.estimators.vit import reference as vit_reference

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
pytestmark = pytest.mark.torch

BACKBONE = VitSize(width=24, depth=2, heads=4)
SOURCE = Path("hmr2b.ckpt")


def load(state: dict[str, Any], source: Path = SOURCE) -> Any:
    from sidecar.estimators.hmr2.head import HeadSize
    from sidecar.estimators.hmr2.network import load_network
    from sidecar.runtimes.torch import Placement

    torch.set_num_threads(1)
    placement = Placement(torch.device("cpu"), torch.float32)
    return load_network(state, placement, source=source, backbone=BACKBONE, head=HeadSize(**TINY))


def crops(count: int, seed: int = 2) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(count, 3, 256, 192)).astype(np.float32)


def test_it_computes_the_formulas_from_crop_to_rotation() -> None:
    state = tiny_checkpoint()
    batch = crops(2)
    with torch.inference_mode():
        found = load(state).read(batch)
    for i, image in enumerate(batch):
        features = vit_reference.backbone(image.astype(np.float64), under("backbone.", state), heads=4, depth=2)
        context = features.reshape(24, 192).T
        pose, betas, camera = reference.head(context, under("smpl_head.", state), heads=2, depth=2)
        np.testing.assert_allclose(found.pose[i].ravel(), pose, atol=3e-5)
        np.testing.assert_allclose(found.betas[i], betas, atol=3e-5)
        np.testing.assert_allclose(found.camera[i], camera, atol=3e-5)
        wanted = [reference.rotation_of(six) for six in pose.reshape(24, 6)]
        np.testing.assert_allclose(from_six(found.pose[i]), wanted, atol=1e-4)


def test_a_checkpoint_of_a_trainer_is_loaded_from_its_file(tmp_path: Path) -> None:
    state = tiny_checkpoint()
    tensors = {key: torch.from_numpy(np.array(array)) for key, array in state.items()}
    torch.save({"state_dict": tensors, "epoch": 35, "hyper_parameters": {"cfg": SOURCE}}, tmp_path / "a.ckpt")
    with torch.inference_mode():
        found = load(read_state_dict(tmp_path / "a.ckpt"), tmp_path / "a.ckpt").read(crops(1))
        wanted = load(state).read(crops(1))
    np.testing.assert_array_equal(found.pose, wanted.pose)


def test_the_published_layout_is_the_networks_own() -> None:
    from sidecar.estimators.hmr2.head import HeadSize
    from sidecar.estimators.hmr2.network import Hmr2Network
    from sidecar.estimators.vit.sizes import SIZES

    with torch.device("meta"):
        network = Hmr2Network(SIZES["huge"], HeadSize())
    found = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    assert found == checkpoint_shapes(width=1280, depth=32, head={})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda s: s.pop("smpl_head.init_cam"), "missing 1 (smpl_head.init_cam)", id="no mean camera"),
        pytest.param(lambda s: s.update({"smpl_head.x": np.zeros(1)}), "unexpected 1 (smpl_head.x)", id="one too many"),
        pytest.param(lambda s: s.update({"keypoint_head.x": np.zeros(1)}), "it has 1 (keypoint_head.x)", id="ViTPose"),
        pytest.param(
            lambda s: s.update({"smpl_head.init_betas": np.zeros((1, 11))}),
            "init_betas (1, 11) for (1, 10)",
            id="betas",
        ),
    ],
)
def test_another_checkpoint_is_refused_by_name(change: Any, says: str) -> None:
    state = tiny_checkpoint()
    change(state)
    with pytest.raises(ModelFileRefused) as caught:
        load(state)
    assert says in caught.value.message


def test_half_precision_is_for_the_backbone_alone() -> None:
    from sidecar.estimators.hmr2.head import HeadSize
    from sidecar.estimators.hmr2.network import load_network
    from sidecar.runtimes.torch import Placement

    placement = Placement(torch.device("cpu"), torch.bfloat16)
    network = load_network(tiny_checkpoint(), placement, source=SOURCE, backbone=BACKBONE, head=HeadSize(**TINY))
    assert network.backbone.pos_embed.dtype == torch.bfloat16
    assert network.smpl_head.decpose.weight.dtype == torch.float32
    with torch.inference_mode():
        found, wanted = network.read(crops(1)), load(tiny_checkpoint()).read(crops(1))
    assert found.pose.dtype == np.float32
    np.testing.assert_allclose(found.pose, wanted.pose, atol=0.05)
