"""Loading with real weights: what is reported, what is warned of, and that no setting changes a bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.bootstrap.failure import Failure
from sidecar.estimators.blazepose import SPEC
from sidecar.estimators.blazepose.networks import DETECTION_OUTPUTS
from sidecar.estimators.protocol import Estimator, LoadContext
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.runtimes.openvino import load_model
from sidecar.weights.manifest import load_manifest
from tests.estimators.blazepose.conftest import Load

IMAGE: NDArray[np.uint8] = np.random.default_rng(9).integers(0, 256, (240, 320, 3), np.uint8)
SQUARES = [Region(160, 120, 200, 0.3), Region(40, 60, 90, -2)]


class Diary:
    """Notes what a loading estimator says."""

    def __init__(self) -> None:
        self.warnings: list[tuple[str, str, str | None]] = []
        self.steps: list[tuple[str, str]] = []

    def context(self, cache_dir: Path | None = None, *, threads: int = 1, **options: Any) -> LoadContext:
        return LoadContext(
            options=options,
            threads=threads,
            cache_dir=cache_dir,
            progress=lambda phase, detail: self.steps.append((phase, detail)),
            warn=lambda code, message, hint: self.warnings.append((code, message, hint)),
        )


@pytest.fixture
def diary(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Diary:
    monkeypatch.setenv("POSE_MODELS_DIR", str(models_dir))
    return Diary()


@pytest.fixture(autouse=True)
def noise_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks' outputs are compared on noise, which scores too low to be anybody."""
    monkeypatch.setattr("sidecar.estimators.blazepose.estimator.LOW_SCORE_MIN", 0.0)


def answers(estimator: Estimator) -> list[Person]:
    """The network's output for two squares of noise, whoever is or is not there."""
    (people,) = estimator.estimate([IMAGE], regions=[SQUARES], min_score=0.0)
    assert [person.region_index for person in people] == [0, 1]
    return people


def assert_same_bits(ours: list[Person], theirs: list[Person]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert (one.score, one.region) == (other.score, other.region)
        np.testing.assert_array_equal(one.keypoints, other.keypoints)
        assert one.keypoints_world is not None
        np.testing.assert_array_equal(one.keypoints_world, other.keypoints_world)


def test_it_says_what_it_loads_and_what_it_is(diary: Diary) -> None:
    info = SPEC.create(diary.context()).info
    assert sorted(diary.steps) == [("loading", "pose_detection.tflite"), ("loading", "pose_landmark_full.tflite")]
    assert [model.name for model in info.models] == ["blazepose-detector", "blazepose-full"]
    assert [model.sha256 for model in info.models] == [load_manifest().entry(m.name).sha256 for m in info.models]
    assert (info.name, info.device, info.runtime[0], info.detector) == ("blazepose", "CPU", "openvino", None)
    assert info.follows_one_person
    assert info.options == {}


def test_neither_threads_nor_the_cache_change_a_bit(load: Load, diary: Diary, tmp_path: Path) -> None:
    expected = answers(load())
    for cache_dir, threads in ((None, 2), (tmp_path, 1), (tmp_path, 2), (tmp_path, 1)):
        assert_same_bits(answers(SPEC.create(diary.context(cache_dir, threads=threads))), expected)


def test_a_damaged_compiled_model_gives_a_warning_and_the_same_poses(diary: Diary, tmp_path: Path) -> None:
    expected = answers(SPEC.create(diary.context(tmp_path)))
    blobs = sorted(tmp_path.rglob("*.blob"))
    assert len(blobs) == 2
    for blob in blobs:
        content = bytearray(blob.read_bytes())
        content[len(content) // 2] ^= 0xFF
        blob.write_bytes(content)
    diary.warnings.clear()
    assert_same_bits(answers(SPEC.create(diary.context(tmp_path))), expected)
    assert [code for code, _, _ in diary.warnings if code != "detector_unused"] == ["model_cache_damaged"] * 2


def test_what_was_estimated_before_is_not_in_the_answer(load: Load) -> None:
    estimator = load()
    expected = answers(estimator)
    estimator.estimate([255 - IMAGE, np.zeros((9, 9, 3), np.uint8)])
    assert_same_bits(answers(estimator), expected)
    estimator.estimate([IMAGE], regions=[[Region(0, 0, 5)]], min_score=0.0)
    assert_same_bits(expected, answers(estimator))


def test_a_batch_answers_as_each_image_does_alone(load: Load) -> None:
    others = [255 - IMAGE, np.ascontiguousarray(IMAGE[:, ::-1])]
    together = load().estimate([IMAGE, *others], regions=[SQUARES] * 3, min_score=0.0)
    for image, people in zip([IMAGE, *others], together, strict=True):
        assert_same_bits(people, load().estimate([image], regions=[SQUARES], min_score=0.0)[0])


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (3000, 2)], ids=str)
@pytest.mark.parametrize("region", [None, Region(0, 0, 1e-20), Region(1e20, -1e20, 1e20, 3)], ids=str)
def test_odd_images_and_regions_give_numbers_or_nobody(
    load: Load, shape: tuple[int, int], region: Region | None
) -> None:
    image = np.full((*shape, 3), 200, np.uint8)
    (people,) = load().estimate([image], regions=[None if region is None else [region]], min_score=0.0)
    for person in people:
        assert np.isfinite(person.keypoints).all()


def test_the_detector_cannot_be_batched(diary: Diary, models_dir: Path) -> None:
    model = load_manifest().entry("blazepose-detector")
    with pytest.raises(ValueError, match=r"fixed input shape \(1, 224, 224, 3\), got \(2, 224, 224, 3\)"):
        load_model(
            models_dir / model.file,
            model.sha256 or "",
            outputs=DETECTION_OUTPUTS,
            threads=1,
            cache_dir=None,
            warn=print,
            input_shape=(2, 224, 224, 3),
        )


def test_a_detector_that_lies_unused_is_mentioned(diary: Diary, models_dir: Path) -> None:
    file = models_dir / load_manifest().entry("rtmdet-nano").file
    if not file.exists():
        pytest.skip("weights are absent: python -m sidecar models pull rtmdet-nano")
    SPEC.create(diary.context())
    ((code, message, hint),) = diary.warnings
    assert code == "detector_unused"
    assert "rtmdet-nano" in message
    assert hint is not None
    assert "--detector rtmdet-nano" in hint


def test_a_missing_model_fails_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, diary: Diary) -> None:
    from sidecar.weights import store

    monkeypatch.setattr(store, "search_path", lambda: (tmp_path,))
    with pytest.raises(Failure, match="no file with the digest of blazepose-full") as caught:
        SPEC.create(diary.context())
    assert caught.value.code == "MODEL_MISSING"
