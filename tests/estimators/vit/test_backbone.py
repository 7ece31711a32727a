from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.estimators.vit.sizes import SIZES, VitSize
from tests.estimators.vit import reference
from tests.estimators.vit.layout import backbone_shapes, random_state

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
pytestmark = pytest.mark.torch

TINY = VitSize(width=24, depth=3, heads=4, grid=(4, 3))
SOURCE = Path("weights.pth")


def tiny(seed: int = 5) -> tuple[Any, dict[str, Any]]:
    from sidecar.estimators.vit.backbone import ViT
    from sidecar.runtimes.torch_tensors import load_tensors

    torch.set_num_threads(1)
    state: dict[str, Any] = dict(random_state(backbone_shapes(width=24, depth=3, tokens=12), seed))
    model = ViT(TINY).eval()
    load_tensors(model, state, source=SOURCE)
    return model, state


def images(count: int, size: VitSize, seed: int = 9) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(count, 3, *size.input_px)).astype(np.float32)


def test_it_computes_the_formulas() -> None:
    model, state = tiny()
    batch = images(3, TINY)
    with torch.inference_mode():
        found = model(torch.from_numpy(batch)).numpy()
    assert found.shape == (3, 24, 4, 3)
    for image, ours in zip(batch, found, strict=True):
        wanted = reference.backbone(image.astype(np.float64), state, heads=4, depth=3)
        np.testing.assert_allclose(ours, wanted, atol=2e-5 * np.ptp(wanted))


@pytest.mark.parametrize(
    ("name", "width", "depth", "heads"),
    [("small", 384, 12, 12), ("base", 768, 12, 12), ("large", 1024, 24, 16), ("huge", 1280, 32, 16)],
)
def test_the_published_sizes_have_the_published_layout(name: str, width: int, depth: int, heads: int) -> None:
    from sidecar.estimators.vit.backbone import ViT

    size = SIZES[name]
    assert (size.width, size.depth, size.heads, size.tokens, size.input_px) == (width, depth, heads, 192, (256, 192))
    with torch.device("meta"):
        model = ViT(size)
    found = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    assert found == backbone_shapes(width=width, depth=depth)


@pytest.mark.parametrize("kind", ["f8", "f2"])
def test_weights_of_other_float_types_are_taken(kind: str) -> None:
    from sidecar.estimators.vit.backbone import ViT
    from sidecar.runtimes.torch_tensors import load_tensors

    state = random_state(backbone_shapes(width=24, depth=3, tokens=12), 5)
    model = ViT(TINY)
    load_tensors(model, {key: array.astype(kind) for key, array in state.items()}, source=SOURCE)
    np.testing.assert_array_equal(model.last_norm.weight.detach(), state["last_norm.weight"].astype(kind).astype("f4"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda s: s.pop("pos_embed"), "missing 1 (pos_embed)", id="missing"),
        pytest.param(lambda s: s.update(cls_token=np.zeros(1)), "unexpected 1 (cls_token)", id="unexpected"),
        pytest.param(
            lambda s: s.update(pos_embed=np.zeros((1, 12, 24))),
            "of another shape 1 (pos_embed (1, 12, 24) for (1, 13, 24))",
            id="misshaped",
        ),
    ],
)
def test_another_layout_is_refused_by_name(change: Any, says: str) -> None:
    from sidecar.runtimes.torch_tensors import load_tensors

    model, state = tiny()
    change(state)
    with pytest.raises(ModelFileRefused) as caught:
        load_tensors(model, state, source=SOURCE)
    assert says in caught.value.message


@pytest.mark.parametrize("shape", [(1, 3, 48, 64), (1, 1, 64, 48), (3, 64, 48), (1, 3, 64, 64)], ids=str)
def test_an_image_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    model, _ = tiny()
    with pytest.raises(ValueError, match=r"images must have shape \(B, 3, \(64, 48\)\)"):
        model(torch.zeros(shape))


@pytest.mark.parametrize("sizes", [(0, 1, 1), (10, 1, 3), (8, 0, 2), (8, 1, 0), (8, -1, 2)], ids=str)
def test_a_size_that_is_none_is_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="heads that divide its width"):
        VitSize(*sizes)
