"""Truth: which joints can be seen, checked where the answer is known beforehand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sidecar.mannequin.body.figure import in_camera
from sidecar.mannequin.scene import SceneOptions, Stage
from sidecar.mannequin.truth import TruthPerson, observe
from sidecar.pose.skeleton import BLAZEPOSE_33
from tests.mannequin.makers import make_camera, make_joints

LIMBS = [
    f"{side}_{joint}" for side in ("left", "right") for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
]


def still(*, yaw_deg: float, people: int = 1, width: int = 640, height: int = 360) -> list[TruthPerson]:
    options = SceneOptions(people=people, motion="still", yaw_deg=yaw_deg, seed=3, width=width, height=height)
    return Stage(options).render(0.5)[1]


def seen(person: TruthPerson, *names: str) -> list[bool]:
    return [bool(person.visible[BLAZEPOSE_33.index(name)]) for name in names]


def test_who_faces_the_viewer_shows_face_and_limbs() -> None:
    (person,) = still(yaw_deg=0)
    assert all(seen(person, "nose", "left_eye", "right_eye", "mouth_left", "mouth_right", *LIMBS))


def test_who_turns_the_back_hides_the_face_but_not_the_limbs() -> None:
    (person,) = still(yaw_deg=180)
    assert not any(seen(person, "nose", "left_eye", "right_eye", "mouth_left", "mouth_right"))
    assert all(seen(person, "left_shoulder", "right_shoulder", "left_knee", "right_knee", "left_hip", "right_hip"))


@pytest.mark.parametrize(("yaw_deg", "near", "far"), [(90.0, "right", "left"), (-90.0, "left", "right")])
def test_who_stands_sideways_hides_the_far_side(yaw_deg: float, near: str, far: str) -> None:
    (person,) = still(yaw_deg=yaw_deg)
    assert all(seen(person, f"{near}_shoulder", f"{near}_elbow", f"{near}_ear"))
    assert not any(seen(person, f"{far}_shoulder", f"{far}_ear"))


def test_a_body_hides_the_one_behind_it() -> None:
    stage = Stage(SceneOptions(people=2, motion="cross", seed=5))
    shares = []
    for time in np.arange(0, 4, 0.1):
        near, behind = stage.render(float(time))[1]
        shares.append((near.visible.mean(), behind.visible.mean()))
    assert near.root[2] < behind.root[2]
    assert min(behind_share for _, behind_share in shares) < 0.25
    assert max(behind_share for _, behind_share in shares) > 0.5
    assert min(near_share for near_share, _ in shares) > 0.4  # nobody is in front of the first


def test_joints_outside_of_the_picture_are_not_visible_but_known() -> None:
    camera = make_camera(width=32)
    (truth,) = observe([in_camera(make_joints(x=0.15), camera)], camera, None, np.zeros(0, np.int64), 2)
    outside = (truth.joints2d < 0).any(axis=1) | (truth.joints2d >= (32, 180)).any(axis=1)
    assert outside.any()
    assert not outside.all()
    assert np.isfinite(truth.joints2d).all()
    assert (truth.visible == ~outside).all()


@pytest.mark.parametrize("seed", range(3))
def test_pixels_and_metres_tell_the_same_story(seed: int) -> None:
    stage = Stage(SceneOptions(people=2, seed=seed))
    for truth in stage.render(1.1)[1]:
        assert stage.camera.project(truth.joints3d + truth.root) == pytest.approx(truth.joints2d, abs=1e-6)
        hips = [BLAZEPOSE_33.index(name) for name in ("left_hip", "right_hip")]
        assert truth.joints3d[hips].mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)


def test_visible_joints_lie_on_what_was_drawn() -> None:
    options = SceneOptions(people=2, seed=4, place="hall")
    stage, empty = Stage(options), Stage(SceneOptions(people=2, seed=4, place="hall"))
    picture, truths = stage.render(2.0)
    bare = empty.backdrop
    drawn = np.abs(picture.astype(int) - bare).sum(axis=2) > 12
    spots = np.concatenate([truth.joints2d[truth.visible] for truth in truths]).astype(int)
    assert len(spots) > 20
    assert drawn[spots[:, 1], spots[:, 0]].mean() > 0.95


def test_ids_count_from_one_and_boxes_hold_the_joints() -> None:
    truths = still(yaw_deg=20, people=3)
    assert [truth.id for truth in truths] == [1, 2, 3]
    for truth in truths:
        x0, y0, x1, y1 = truth.bbox_xyxy
        assert (truth.joints2d >= (x0, y0)).all()
        assert (truth.joints2d <= (x1, y1)).all()
        assert math.isfinite(x1 - x0)
