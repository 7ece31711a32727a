from __future__ import annotations

import json

import numpy as np
import pytest

from sidecar.detectors.rtmdet import INPUT_PX, NAME, RtmDet, fit
from sidecar.estimators.protocol import ModelRef
from sidecar.weights.manifest import load_manifest
from sidecar.weights.places import search_path
from sidecar.weights.store import ModelMissing, locate_in
from tests.estimators.blazepose.photos import read_rgb
from tests.paths import FIXTURES, needs_shared


@pytest.fixture(scope="module")
def detector() -> RtmDet:
    model = load_manifest().entry(NAME)
    try:
        found = locate_in(model, [*search_path(), FIXTURES / "models"])
    except ModelMissing as missing:
        pytest.skip(f"weights are absent: {missing.hint}")
    return RtmDet(ModelRef(NAME, found.path, found.sha256), threads=1, cache_dir=None, warn=lambda *_: None)


def test_the_image_lies_top_left_in_bgr_and_the_rest_is_grey() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[:] = 250, 150, 50
    planes = np.empty((3, 320, 320), np.float32)
    assert fit(image, planes) == 1.6
    mean, std = np.array([103.53, 116.28, 123.675]), np.array([57.375, 57.12, 58.395])
    np.testing.assert_allclose(planes[:, 0, 0], ([50, 150, 250] - mean) / std, rtol=1e-5)
    np.testing.assert_allclose(planes[:, 159, 319], ([50, 150, 250] - mean) / std, rtol=1e-5)
    np.testing.assert_allclose(planes[:, 160, 0], (114 - mean) / std, rtol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1)], ids=str)
def test_the_thinnest_images_fit(shape: tuple[int, int]) -> None:
    planes = np.empty((3, INPUT_PX, INPUT_PX), np.float32)
    assert fit(np.zeros((*shape, 3), np.uint8), planes) == INPUT_PX / max(shape)


def test_noise_holds_nobody(detector: RtmDet) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    (boxes,) = detector.detect([noise], min_score=0.5)
    assert boxes.shape == (0, 5)


def test_an_answer_is_not_overwritten_by_the_next(detector: RtmDet) -> None:
    images = [np.full((50, 80, 3), grey, np.uint8) for grey in (0, 255)]
    together = detector.detect(images, min_score=0.0)
    for image, boxes in zip(images, together, strict=True):
        np.testing.assert_array_equal(detector.detect([image], min_score=0.0)[0], boxes)


@needs_shared
def test_it_finds_the_riders_where_the_reference_run_did(detector: RtmDet) -> None:
    golden = json.loads((FIXTURES / "golden" / "rtmdet_boxes.json").read_text(encoding="utf-8"))
    for path in sorted((FIXTURES / "frames").glob("*.png"))[::6]:
        clip, _, number = path.stem.rpartition("_")
        expected = np.array(golden[f"{clip}.mp4"][int(number)][0])
        (boxes,) = detector.detect([read_rgb(path)], min_score=0.1)
        assert (np.diff(boxes[:, 4]) <= 0).all()
        nearest = np.abs(boxes[:, :4] - expected[:4]).max(axis=1).min()
        assert nearest <= 3, f"{path.name}: no box within 3 px of {expected}"
