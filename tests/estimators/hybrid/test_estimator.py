"""One detector, two networks: both are imitated, so that each number of the answer can be traced to its reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.estimators.hmr2.bodies import Bodies  # noqa: E402
from sidecar.estimators.hmr2.people import BodyReader  # noqa: E402
from sidecar.estimators.hybrid.estimator import Hybrid  # noqa: E402
from sidecar.estimators.hybrid.skeleton import HYBRID_61  # noqa: E402
from sidecar.estimators.protocol import Cancelled, EstimatorInfo  # noqa: E402
from sidecar.estimators.vitpose.estimator import VitPoseEstimator  # noqa: E402
from sidecar.pose.region import Region  # noqa: E402
from sidecar.pose.skeleton import COCO_17  # noqa: E402
from sidecar.runtimes.torch import Batches, Placement  # noqa: E402
from sidecar.smpl.joints import SMPL_44  # noqa: E402
from tests.estimators.hmr2.makers import FakeNetwork, make_hmr2, regressor, true_size_body  # noqa: E402
from tests.estimators.makers import CancelAtQuestion  # noqa: E402
from tests.estimators.vitpose.bright import Boxes, Bright, dotted  # noqa: E402

pytestmark = pytest.mark.torch

LEFT, RIGHT = (40.0, 50.0, 100.0, 200.0, 0.9), (240.0, 50.0, 300.0, 200.0, 0.8)
IMAGE = dotted((70, 100, 200), (270, 120, 250))


class Counted(Boxes):
    """Counts its passes."""

    passes = 0

    def detect(self, images: Sequence[Any], *, min_score: float) -> list[Any]:
        self.passes += 1
        return super().detect(images, min_score=min_score)


def make_hybrid(boxes: Boxes, *, network: Any = None, engine: Any = None) -> Hybrid:
    bodies = Bodies(
        network=network or FakeNetwork(),
        reader=BodyReader(true_size_body(), regressor(), meshes=False),
        batches=Batches(Placement(torch.device("cpu"), torch.float32), size=8),
    )
    info = EstimatorInfo("hybrid", HYBRID_61, "cpu", ("torch", "0"), detector="boxes")
    return Hybrid(info, engine=engine or Bright(), bodies=bodies, detector=boxes)


def test_every_number_is_the_one_that_its_reader_gives_alone() -> None:
    boxes = Counted(LEFT, RIGHT)
    (people,) = make_hybrid(boxes).estimate([IMAGE], min_score=0.3)
    assert boxes.passes == 1
    info = EstimatorInfo("vitpose", COCO_17, "cpu", ("torch", "0"))
    (flat,) = VitPoseEstimator(info, engine=Bright(), detector=Boxes(LEFT, RIGHT)).estimate([IMAGE], min_score=0.3)
    (solid,) = make_hmr2(boxes=[RIGHT, LEFT]).estimate([IMAGE])  # the right one is the brighter, so the first
    assert len(people) == len(flat) == len(solid) == 2
    for person, two, three in zip(people, flat, solid, strict=True):
        assert (person.score, person.provenance, person.region_index) == (two.score, two.provenance, None)
        np.testing.assert_array_equal(person.keypoints[:17, [0, 1, 3]], two.keypoints[:, [0, 1, 3]])
        np.testing.assert_array_equal(person.keypoints[17:], three.keypoints)
        assert person.keypoints_world is not None
        assert three.keypoints_world is not None
        np.testing.assert_array_equal(person.keypoints_world[17:], three.keypoints_world)
        for row, name in enumerate(COCO_17.keypoints):
            same = SMPL_44.index(name)
            np.testing.assert_array_equal(person.keypoints_world[row], three.keypoints_world[same])
            assert person.keypoints[row, 2] == three.keypoints[same, 2]
        assert person.body is not None
        assert three.body is not None
        np.testing.assert_array_equal(person.body.translation, three.body.translation)
        assert person.body.vertices is None


def test_the_skeleton_names_every_row_once() -> None:
    assert len(set(HYBRID_61.keypoints)) == len(HYBRID_61.keypoints) == 61
    assert HYBRID_61.keypoints[:17] == COCO_17.keypoints
    for name, row in zip(SMPL_44.keypoints, HYBRID_61.keypoints[17:], strict=True):
        assert row.removesuffix("_smpl") == name
        assert row.endswith("_smpl") == (name in COCO_17.keypoints)
    assert {"neck", "mid_hip", "left_heel"} <= set(HYBRID_61.keypoints)


def test_only_who_is_found_in_the_image_goes_to_the_larger_network() -> None:
    network = FakeNetwork()
    dark = (150.0, 210.0, 200.0, 290.0, 0.7)
    twice = (241.0, 51.0, 301.0, 201.0, 0.75)

    class Spread(Bright):
        """All heatmaps alike but for a shift, so that likeness means something."""

        def __call__(self, crops: Sequence[Any], *, cancel: Any) -> list[Any]:
            found = super().__call__(crops, cancel=cancel)
            return [np.stack([np.roll(m, (k % 5, k % 7), (0, 1)) for k, m in enumerate(maps)]) for maps in found]

    estimator = make_hybrid(Boxes(LEFT, RIGHT, dark, twice), network=network, engine=Spread())
    (people,) = estimator.estimate([IMAGE], min_score=0.3)
    assert len(people) == 2
    assert network.batches == [2]


def test_regions_keep_their_order_and_ask_no_detector() -> None:
    boxes = Counted(LEFT)
    regions = [Region(270, 120, 80), Region(150, 250, 40), Region(70, 100, 80, 0.4)]
    found = make_hybrid(boxes).estimate([IMAGE, IMAGE, IMAGE], regions=[regions, [], None])
    assert [[person.region_index for person in people] for people in found] == [[0, 2], [], [None]]
    assert boxes.passes == 1
    assert all(person.keypoints.shape == (61, 4) for people in found for person in people)


def test_who_has_no_meaningful_body_is_left_out_and_the_others_stay() -> None:
    def say(count: int) -> Any:
        numbers = FakeNetwork().read(np.zeros((count, 3, 256, 192), np.float32))
        numbers.pose[0] = np.nan
        return numbers

    (people,) = make_hybrid(Boxes(LEFT, RIGHT), network=FakeNetwork(say)).estimate([IMAGE], min_score=0.3)
    assert [round(float(person.keypoints[0, 0]), -1) for person in people] == [70]


def test_nobody_is_nobody() -> None:
    network = FakeNetwork()
    estimator = make_hybrid(Boxes((50, 50, 50, 90, 0.9)), network=network)  # without an area
    assert estimator.estimate([IMAGE, IMAGE]) == [[], []]
    assert estimator.estimate([]) == []
    assert network.batches == []


@pytest.mark.parametrize("question", [1, 2])
def test_who_is_cancelled_stops(question: int) -> None:
    network = FakeNetwork()
    with pytest.raises(Cancelled):
        make_hybrid(Boxes(LEFT), network=network).estimate([IMAGE], cancel=CancelAtQuestion(question))
    assert network.batches == []


def test_bad_input_is_named_and_a_closed_one_says_so() -> None:
    estimator = make_hybrid(Boxes(LEFT))
    with pytest.raises(ValueError, match="an image must be uint8"):
        estimator.estimate([IMAGE.astype(np.float32)])
    with pytest.raises(ValueError, match="regions must have one entry per image"):
        estimator.estimate([IMAGE], regions=[])
    estimator.close()
    estimator.close()
    with pytest.raises(RuntimeError, match="closed"):
        estimator.estimate([IMAGE])
