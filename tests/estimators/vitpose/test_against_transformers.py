"""ViTPose against the independent implementation in transformers, with seeded random weights.

What differs by intent is taken out: transformers' configuration says epsilon 1e-12 where the published network has
1e-6; it blurs with sigma 0.8 where mmpose has 2.0; it warps with scipy where mmpose has OpenCV. The last tests measure
what the two latter make.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
transformers: Any = pytest.importorskip("transformers", reason="transformers is absent: scripts/setup --all")

from scipy.ndimage import gaussian_filter  # noqa: E402

from sidecar.estimators.vit.sizes import SIZES, VitSize  # noqa: E402
from sidecar.estimators.vitpose.decode import blur, find_peaks, refine  # noqa: E402
from sidecar.estimators.vitpose.layout import recognised  # noqa: E402
from sidecar.estimators.vitpose.network import MEAN, MIRRORED, STD, Reader, VitPose  # noqa: E402
from sidecar.estimators.vitpose.window import around_box, crop, to_image  # noqa: E402
from sidecar.runtimes.torch_tensors import load_tensors  # noqa: E402
from tests.estimators.vitpose.makers import filled  # noqa: E402

pytestmark = pytest.mark.torch

SOURCE = Path("model.safetensors")
# Small and base are whole. Large and huge have their widths and heads but fewer of their equal blocks: 24 and 32 of
# them are 300 and 630 million random numbers, twice.
DEPTHS = {"small": 12, "base": 12, "large": 3, "huge": 2}


def both(size: str, head: str, *, experts: int = 1) -> tuple[Any, VitPose]:
    """The same random weights in both implementations, ours by way of its reader of converted files."""
    torch.set_num_threads(1)
    whole = SIZES[size]
    backbone = transformers.VitPoseBackboneConfig(
        image_size=[256, 192],
        hidden_size=whole.width,
        num_hidden_layers=DEPTHS[size],
        num_attention_heads=whole.heads,
        mlp_ratio=4,
        layer_norm_eps=1e-6,
        num_experts=experts,
        part_features=96 if experts > 1 else 0,
        out_indices=[DEPTHS[size]],
    )
    theirs = transformers.VitPoseForPoseEstimation(
        transformers.VitPoseConfig(backbone_config=backbone, num_labels=17, use_simple_decoder=head == "simple")
    ).eval()
    state = filled({key: tuple(value.shape) for key, value in theirs.state_dict().items()}, seed=11)
    theirs.load_state_dict({key: torch.from_numpy(np.array(value)) for key, value in state.items()})
    weights = recognised(state, SOURCE)
    ours = VitPose(VitSize(whole.width, DEPTHS[size], whole.heads), weights.head, weights.keypoints)
    load_tensors(ours, weights.tensors, source=SOURCE)
    return theirs, ours.eval()


def picture(seed: int = 3) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A smooth picture: what an interpolation makes of noise says nothing."""
    noise = np.random.default_rng(seed).uniform(0, 255, (240, 320, 3))
    smooth = gaussian_filter(noise, (4, 4, 0))
    return np.asarray(np.clip(smooth * 8 - 890, 0, 255), np.uint8)


def normalised(pixels: np.ndarray[Any, Any]) -> Any:
    planes = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    return (planes - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


BOX = (60.0, 40.0, 150.0, 200.0)


@pytest.fixture(scope="module")
def window() -> Any:
    return around_box(*BOX)


@pytest.mark.parametrize("head", ["classic", "simple"])
@pytest.mark.parametrize("size", list(DEPTHS))
def test_heatmaps_agree(size: str, head: str, window: Any) -> None:
    theirs, ours = both(size, head)
    pixels = normalised(crop(picture(), window))
    with torch.inference_mode():
        wanted, found = theirs(pixels).heatmaps, ours(pixels)
    assert found.shape == (1, 17, 64, 48)
    assert float(wanted.std()) > 0.1  # the weights are such that something happens
    assert float((found - wanted).abs().max()) <= 1e-4 * float(wanted.max() - wanted.min())


def test_the_expert_for_coco_agrees(window: Any) -> None:
    theirs, ours = both("small", "classic", experts=6)
    pixels = normalised(crop(picture(), window))
    with torch.inference_mode():
        wanted, found = theirs(pixels, dataset_index=torch.tensor([0])).heatmaps, ours(pixels)
    assert float((found - wanted).abs().max()) <= 1e-4 * float(wanted.max() - wanted.min())


def test_the_flip_test_agrees(window: Any) -> None:
    theirs, ours = both("small", "classic")
    pixels = crop(picture(), window)
    pairs = torch.tensor([[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12], [13, 14], [15, 16]])
    with torch.inference_mode():
        plain = theirs(normalised(pixels)).heatmaps
        wanted = (plain + theirs(normalised(pixels).flip(3), flip_pairs=pairs).heatmaps) / 2
        found = Reader(ours, flip_test=True)(torch.from_numpy(pixels[None]))
        unflipped = Reader(ours, flip_test=False)(torch.from_numpy(pixels[None]))
    span = float(wanted.max() - wanted.min())
    assert float((found - wanted).abs().max()) <= 1e-4 * span
    assert float((unflipped - plain).abs().max()) <= 1e-4 * span
    assert float((plain - wanted).abs().max()) > 0.01 * span
    assert sorted(MIRRORED) == list(range(17))


def spots(seed: int = 5) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Heatmaps as a trained network makes them: one spot each, some noise."""
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:64, 0:48]
    maps = []
    for _ in range(17):
        x, y, sigma = chance.uniform(8, 40), chance.uniform(8, 56), chance.uniform(1.8, 2.6)
        maps.append(0.9 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2)))
    return (np.stack(maps) + chance.normal(scale=0.003, size=(17, 64, 48))).astype(np.float32)


def their_keypoints(heatmaps: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    x1, y1, x2, y2 = BOX
    boxes = [[[x1, y1, x2 - x1, y2 - y1]]]
    outputs = SimpleNamespace(heatmaps=torch.from_numpy(heatmaps[None]))
    ((person,),) = transformers.VitPoseImageProcessor().post_process_pose_estimation(
        outputs, boxes=boxes, kernel_size=11
    )
    return np.asarray(person["keypoints"])


def blurred_as_they_do(heatmaps: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.stack([gaussian_filter(one, sigma=0.8, radius=(5, 5), axes=(0, 1)) for one in heatmaps])


def test_keypoints_agree_on_their_blur(window: Any) -> None:
    heatmaps = spots()
    peaks, _ = find_peaks(heatmaps)
    ours = to_image(refine(peaks, blurred_as_they_do(heatmaps)), window, columns=48, rows=64)
    assert np.abs(ours - their_keypoints(heatmaps)).max() <= 0.01


def test_what_the_blur_makes(window: Any) -> None:
    """Hundredths of a pixel of the image on a person 160 px high; the models' cards say so."""
    heatmaps = spots()
    peaks, _ = find_peaks(heatmaps)
    ours = to_image(refine(peaks, blur(heatmaps)), window, columns=48, rows=64)
    apart = np.abs(ours - their_keypoints(heatmaps))
    print(f"sigma 2.0 against 0.8: mean {apart.mean():.3f} px, most {apart.max():.3f} px")
    assert 0.01 < apart.max() < 2.0


def test_what_the_warp_makes(window: Any) -> None:
    x1, y1, x2, y2 = BOX
    boxes = [[[x1, y1, x2 - x1, y2 - y1]]]
    inputs = transformers.VitPoseImageProcessor()(picture(), boxes=boxes, return_tensors="pt")
    apart = (inputs["pixel_values"] - normalised(crop(picture(), window))).abs()
    print(f"scipy's warp against OpenCV's: mean {float(apart.mean()):.4f}, most {float(apart.max()):.4f}")
    assert float(apart.mean()) < 0.02
