"""Wrapped is called directly, bit for bit; regions are the picture turned upright."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
pytest.importorskip("torchvision", reason="torchvision is absent: scripts/setup --all")

from sidecar.estimators.protocol import Cancelled, EstimatorInfo  # noqa: E402
from sidecar.estimators.torchvision.estimator import KeypointRcnn, people  # noqa: E402
from sidecar.estimators.torchvision.loading import BUILDER  # noqa: E402
from sidecar.pose.region import Region  # noqa: E402
from sidecar.pose.skeleton import COCO_17  # noqa: E402
from sidecar.runtimes.torch import Placement  # noqa: E402
from sidecar.runtimes.torchvision import build  # noqa: E402
from tests.estimators.torchvision.makers import make_image, save_random  # noqa: E402

pytestmark = pytest.mark.torch

ON_CPU = Placement(torch.device("cpu"), torch.float32)
SMALL = {"min_size": 96, "max_size": 128, "rpn_post_nms_top_n_test": 20, "box_detections_per_img": 4}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeypointRcnn, Any]:
    torch.set_num_threads(1)
    path, direct = save_random(BUILDER, tmp_path_factory.mktemp("weights"), **SMALL)
    info = EstimatorInfo("torchvision", COCO_17, "cpu", ("torch", "0"))
    return KeypointRcnn(info, network=build(BUILDER, path, ON_CPU.device, **SMALL), placement=ON_CPU), direct


def test_wrapped_is_direct_bit_for_bit(both: tuple[KeypointRcnn, Any]) -> None:
    import torchvision

    wrapped, direct = both
    image = make_image((70, 90, 3))
    found = wrapped.estimate([image, image[:50].copy()], min_score=0.1)
    for pixels, ours in ((image, found[0]), (image[:50].copy(), found[1])):
        transform = torchvision.models.detection.KeypointRCNN_ResNet50_FPN_Weights.COCO_V1.transforms()
        with torch.inference_mode():
            (theirs,) = direct([transform(torch.from_numpy(pixels).permute(2, 0, 1))])
        keep = (theirs["labels"] == 1) & (theirs["scores"] >= 0.1)
        assert len(ours) == int(keep.sum()) > 0
        np.testing.assert_array_equal(
            np.stack([person.keypoints[:, :2] for person in ours]), theirs["keypoints"][keep][:, :, :2].numpy()
        )
        np.testing.assert_array_equal([person.score for person in ours], theirs["scores"][keep].numpy().astype(float))
        visible = torch.sigmoid(theirs["keypoints_scores"][keep].double()).numpy()
        np.testing.assert_allclose(np.stack([person.keypoints[:, 3] for person in ours]), visible, atol=1e-6)


def test_an_answer_does_not_depend_on_its_neighbours(both: tuple[KeypointRcnn, Any]) -> None:
    wrapped, _ = both
    image = make_image((70, 90, 3))
    alone = wrapped.estimate([image], min_score=0.1)[0]
    beside = wrapped.estimate([make_image((30, 120, 3), seed=4), image], min_score=0.1)[1]
    for one, other in zip(alone, beside, strict=True):
        np.testing.assert_array_equal(one.keypoints, other.keypoints)


class _Spot:
    """A network that answers with keypoints at the brightest pixel of what it is shown."""

    def __init__(self, score: float = 0.9) -> None:
        self.score = score

    def __call__(self, images: list[Any]) -> list[dict[str, Any]]:
        bright = images[0].sum(dim=0)
        row, column = divmod(int(bright.argmax()), bright.shape[1])
        points = torch.tensor([[column + 0.5, row + 0.5, 1.0]]).repeat(1, 17, 1)
        return [
            {
                "labels": torch.tensor([1]),
                "scores": torch.tensor([self.score]),
                "keypoints": points,
                "keypoints_scores": torch.zeros(1, 17),
            }
        ]


def spotting(score: float = 0.9) -> KeypointRcnn:
    return KeypointRcnn(
        EstimatorInfo("torchvision", COCO_17, "cpu", ("torch", "0")), network=_Spot(score), placement=ON_CPU
    )


@pytest.mark.parametrize("turn", [0.0, 0.4, math.pi / 2, -2.5])
def test_regions_come_back_in_pixels_of_the_image(turn: float) -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[120:123, 180:183] = 255
    region = Region(190.0, 110.0, 60.0, turn)
    ((person,),) = spotting().estimate([image], regions=[[region]])
    np.testing.assert_allclose(person.keypoints[0, :2], [181.5, 121.5], atol=1.5)
    assert person.region_index == 0


def test_a_region_beyond_the_image_is_black_there() -> None:
    image = np.full((40, 40, 3), 10, np.uint8)
    image[2, 3] = 255
    ((person,),) = spotting().estimate([image], regions=[[Region(0.0, 0.0, 50.0)]])
    np.testing.assert_allclose(person.keypoints[0, :2], [3.5, 2.5], atol=1.0)


def test_regions_below_the_score_leave_no_entry_and_none_asked_none_given() -> None:
    image = make_image((40, 40, 3))
    assert spotting(0.3).estimate([image, image], regions=[[Region(20, 20, 20)], []]) == [[], []]


def test_low_scores_are_called_so() -> None:
    image = make_image((40, 40, 3))
    ((person,),) = spotting(0.3).estimate([image], min_score=0.2)
    assert person.provenance == "low_score"


def test_only_people_count_and_numbers_must_be_finite() -> None:
    answer = {
        "labels": torch.tensor([1, 3, 1]),
        "scores": torch.tensor([0.6, 0.9, 0.8]),
        "keypoints": torch.zeros(3, 17, 3),
        "keypoints_scores": torch.zeros(3, 17),
    }
    answer["keypoints"][0, 4, 1] = torch.nan
    assert [round(person.score, 3) for person in people(answer, 0.5)] == [0.8]


@pytest.mark.parametrize("image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3))])
def test_what_is_no_image_is_refused(image: Any) -> None:
    with pytest.raises(ValueError, match="an image must be uint8 with shape"):
        spotting().estimate([image])


def test_cancelling_and_closing() -> None:
    class Fired:
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    estimator = spotting()
    with pytest.raises(Cancelled):
        estimator.estimate([make_image((40, 40, 3))], cancel=Fired())
    estimator.close()
    estimator.close()
    with pytest.raises(RuntimeError, match="closed"):
        estimator.estimate([make_image((40, 40, 3))])


def test_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sidecar.bootstrap.failure import Failure
    from sidecar.estimators.protocol import LoadContext, OptionError
    from sidecar.estimators.torchvision.loading import load

    monkeypatch.setenv("POSE_MODELS_DIR", str(tmp_path))
    context = LoadContext({}, threads=1, cache_dir=None)
    with pytest.raises(OptionError, match="unknown option 'detector'"):
        load(replace(context, options={"detector": "rtmdet-nano"}))
    with pytest.raises(OptionError, match="option weights must be one of v1, legacy, got 'v2'"):
        load(replace(context, options={"weights": "v2"}))
    with pytest.raises(Failure, match=r"keypointrcnn_resnet50_fpn_coco-fc266e95.pth") as missing:
        load(context)
    assert missing.value.command is not None
    assert missing.value.command.endswith("-m sidecar models pull keypointrcnn-resnet50")
