from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sidecar.estimators.hmr2.camera import project
from sidecar.estimators.protocol import Cancelled
from sidecar.pose.region import Region
from sidecar.smpl.joints import MID_HIP, joints_44
from sidecar.smpl.rotations import from_axis_angle, to_six
from sidecar.smpl.skinning import skin
from tests.estimators.hmr2.makers import FakeNetwork, make_hmr2, regressor, true_size_body
from tests.smpl.makers import rotations

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
pytestmark = pytest.mark.torch

IMAGE = np.random.default_rng(1).integers(0, 256, (360, 640, 3), np.uint8)
BOX = (100.0, 50.0, 190.0, 250.0)
REGION = Region(200, 150, 240)


def numbers(pose: Any, camera: Any = (0.9, 0.1, -0.2), betas: Any = None) -> Any:
    from sidecar.estimators.hmr2.network import Numbers

    def say(count: int) -> Any:
        shape = np.zeros(10) if betas is None else betas
        return Numbers(*(np.tile(np.float32(part), (count, *[1] * np.ndim(part))) for part in (pose, shape, camera)))

    return FakeNetwork(say)


def test_a_person_is_body_camera_and_keypoints_that_agree() -> None:
    turns = rotations(24, seed=3)
    betas = np.random.default_rng(4).normal(size=10)
    estimator = make_hmr2(network=numbers(to_six(turns), betas=betas), boxes=[(*BOX, 0.8)], meshes=True)
    ((person,),) = estimator.estimate([IMAGE])
    assert person.score == pytest.approx(0.8)
    assert (person.provenance, person.region_index) == ("detected", None)
    assert person.keypoints.dtype == np.float32
    body = person.body
    assert body is not None
    assert body.vertices is not None
    np.testing.assert_allclose(body.global_orient, turns[0], atol=1e-6)
    np.testing.assert_allclose(body.body_pose, turns[1:], atol=1e-6)
    skinned = skin(true_size_body(), turns[None], betas[None])
    np.testing.assert_allclose(body.vertices, skinned.vertices[0], atol=1e-5)
    joints = joints_44(skinned, regressor())[0]
    pixels = project(joints, body.translation, focal=body.focal_px, width=640, height=360)
    np.testing.assert_allclose(person.keypoints[:, :2], pixels, atol=1e-2)
    assert body.focal_px == 5000 / 256 * 640
    assert person.keypoints_world is not None
    np.testing.assert_allclose(person.keypoints_world, joints - joints[MID_HIP], atol=1e-5)
    assert person.keypoints[MID_HIP, 2] == 0
    # Depth in px is as large as the same metres look sideways at the hips.
    metres = (joints[:, 2] - joints[MID_HIP, 2])[5]
    assert person.keypoints[5, 2] == pytest.approx(
        metres * body.focal_px / (joints[MID_HIP, 2] + body.translation[2]), rel=1e-4
    )


def test_without_meshes_there_are_no_vertices() -> None:
    estimator = make_hmr2(boxes=[(*BOX, 0.9)])
    ((person,),) = estimator.estimate([IMAGE])
    assert person.body is not None
    assert person.body.vertices is None
    assert estimator.info.faces is None


def test_a_turned_region_turns_the_body() -> None:
    """What the network sees upright in a turned square is seen turned about the square's middle in the image."""
    turns = rotations(24, seed=3)
    network = numbers(to_six(turns), camera=(0.9, 0.0, 0.0))
    estimator = make_hmr2(network=network, meshes=True)
    straight, turned = Region(320, 180, 240), Region(320, 180, 240, 0.7)
    ((one, other),) = estimator.estimate([IMAGE], regions=[[straight, turned]])
    cos, sin = math.cos(0.7), math.sin(0.7)
    wanted = (one.keypoints[:, :2] - [320, 180]) @ np.array([[cos, sin], [-sin, cos]]) + [320, 180]
    np.testing.assert_allclose(other.keypoints[:, :2], wanted, atol=2e-2)
    assert other.body is not None
    assert one.body is not None
    about = from_axis_angle(np.array([0, 0, 0.7]))
    np.testing.assert_allclose(other.body.global_orient, about @ one.body.global_orient, atol=1e-5)
    assert other.body.vertices is not None
    assert one.body.vertices is not None
    before = one.body.vertices + one.body.translation
    np.testing.assert_allclose(other.body.vertices + other.body.translation, before @ about.T, atol=1e-4)


def test_regions_keep_their_order_and_ask_no_detector() -> None:
    estimator = make_hmr2(boxes=[(*BOX, 0.9)])
    found = estimator.estimate([IMAGE, IMAGE, IMAGE], regions=[[REGION, REGION], [], None])
    assert [[person.region_index for person in people] for people in found] == [[0, 1], [], [None]]
    assert found[0][0].score == 1


def test_people_of_all_images_share_batches() -> None:
    network = FakeNetwork()
    estimator = make_hmr2(network=network, boxes=[(*BOX, 0.9), (*BOX, 0.7), (*BOX, 0.3)], batch=4)
    found = estimator.estimate([IMAGE] * 5)
    assert [len(people) for people in found] == [2] * 5
    assert [person.score for person in found[0]] == [pytest.approx(0.9), pytest.approx(0.7)]
    assert network.batches == [4, 4, 2]


def test_images_of_different_sizes_go_together() -> None:
    estimator = make_hmr2(boxes=[(*BOX, 0.9)])
    small = np.ascontiguousarray(IMAGE[:200, :150])
    first, second = estimator.estimate([IMAGE, small])
    assert first[0].body is not None
    assert second[0].body is not None
    assert (first[0].body.focal_px, second[0].body.focal_px) == (12500, 5000 / 256 * 200)


def test_memory_that_ends_halves_the_batch_and_stays_halved() -> None:
    def say(count: int) -> Any:
        if count > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return FakeNetwork().read(np.zeros((count, 3, 256, 192), np.float32))

    network = FakeNetwork(say)
    estimator = make_hmr2(network=network, boxes=[(*BOX, 0.9)] * 5, batch=8)
    assert [len(people) for people in estimator.estimate([IMAGE])] == [5]
    assert network.batches == [5, 2, 2, 1]
    network.batches.clear()
    estimator.estimate([IMAGE])
    assert network.batches == [2, 2, 1]


def test_memory_that_holds_nobody_is_a_fault_that_may_pass() -> None:
    def say(count: int) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    network = FakeNetwork(say)
    with pytest.raises(Exception, match="memory") as caught:
        make_hmr2(network=network, boxes=[(*BOX, 0.9)] * 4).estimate([IMAGE])
    assert getattr(caught.value, "code", None) == "NO_RESOURCES"
    assert network.batches == [4, 2, 1]


@pytest.mark.parametrize(
    ("pose", "camera"),
    [
        pytest.param(np.full((24, 6), np.nan), (0.9, 0, 0), id="not a number"),
        pytest.param(np.full((24, 6), np.inf), (0.9, 0, 0), id="infinite"),
        pytest.param(np.zeros((24, 6)), (-0.9, 0, 0), id="behind the camera"),
        pytest.param(np.zeros((24, 6)), (np.nan, 0, 0), id="a camera of nothing"),
        pytest.param(np.zeros((24, 6)), (0.9, 3e38, 0), id="out of sight"),
    ],
)
def test_numbers_without_a_meaning_are_nobody_or_finite(pose: Any, camera: Any) -> None:
    people = make_hmr2(network=numbers(pose, camera), boxes=[(*BOX, 0.9)]).estimate([IMAGE])[0]
    assert all(np.isfinite(person.keypoints).all() for person in people)


def test_nobody_is_nobody() -> None:
    network = FakeNetwork()
    assert make_hmr2(network=network).estimate([IMAGE, IMAGE]) == [[], []]
    assert make_hmr2(network=network).estimate([]) == []
    assert network.batches == []


def test_boxes_without_area_are_passed_over() -> None:
    estimator = make_hmr2(boxes=[(50, 50, 50, 90, 0.9), (*BOX, 0.8)])
    assert [round(person.score, 2) for person in estimator.estimate([IMAGE])[0]] == [0.8]


def test_who_is_cancelled_stops_between_batches() -> None:
    class Token:
        def __init__(self) -> None:
            self.asked = 0

        def raise_if_cancelled(self) -> None:
            self.asked += 1
            if self.asked > 3:
                raise Cancelled

    network = FakeNetwork()
    with pytest.raises(Cancelled):
        make_hmr2(network=network, boxes=[(*BOX, 0.9)] * 20, batch=2).estimate([IMAGE], cancel=Token())
    assert network.batches == [2, 2]


def test_bad_input_is_named() -> None:
    estimator = make_hmr2()
    with pytest.raises(ValueError, match="an image must be uint8"):
        estimator.estimate([IMAGE.astype(np.float32)])
    with pytest.raises(ValueError, match="regions must have one entry per image"):
        estimator.estimate([IMAGE], regions=[])
    estimator.close()
    estimator.close()
    with pytest.raises(RuntimeError, match="closed"):
        estimator.estimate([IMAGE])
