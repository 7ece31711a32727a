from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sidecar.smpl.body_model import BodyModel, body_model
from sidecar.smpl.rotations import from_axis_angle
from sidecar.smpl.skinning import skin
from tests.smpl import reference
from tests.smpl.makers import SMPL_PARENTS, Fields, make_fields, rotations

SOURCE = Path("made.pkl")


def model_of(fields: Fields) -> BodyModel:
    return body_model(fields, source=SOURCE)


@pytest.mark.parametrize("parents", [SMPL_PARENTS, (-1, 0, 1, 0)], ids=["24 joints", "4 joints"])
def test_it_computes_the_formulas(parents: tuple[int, ...]) -> None:
    fields = make_fields(parents=parents)
    turns = rotations(3, len(parents))
    betas = np.random.default_rng(4).normal(size=(3, 10))
    found = skin(model_of(fields), turns.astype(np.float32), betas.astype(np.float32))
    for body in range(3):
        vertices, joints = reference.posed(fields, turns[body], betas[body])
        np.testing.assert_allclose(found.vertices[body], vertices, atol=1e-5 * np.ptp(vertices))
        np.testing.assert_allclose(found.joints[body], joints, atol=1e-5 * np.ptp(joints))


def test_without_rotations_only_the_shape_remains() -> None:
    fields = make_fields()
    betas = np.random.default_rng(4).normal(size=(1, 10))
    found = skin(model_of(fields), np.tile(np.eye(3), (1, 24, 1, 1)), betas)
    np.testing.assert_allclose(found.vertices[0], fields["v_template"] + fields["shapedirs"] @ betas[0], atol=1e-5)


def test_the_first_rotation_turns_the_whole_body_about_its_first_joint() -> None:
    model = model_of(make_fields())
    turns = rotations(1, 24)
    still = skin(model, np.concatenate([np.eye(3)[None, None], turns[:, 1:]], axis=1), np.zeros((1, 10)))
    turned = skin(model, turns, np.zeros((1, 10)))
    root = still.rest_root[0]
    np.testing.assert_allclose(turned.vertices[0], (still.vertices[0] - root) @ turns[0, 0].T + root, atol=1e-5)
    np.testing.assert_allclose(turned.joints[0, 0], root, atol=1e-6)


def arm() -> Fields:
    """Upper arm from x 0 to 1, lower arm from 1 to 2, hand from 2 to 3; stiff, with a vertex at each joint and end."""
    vertices = np.array([[x, y, 0.0] for x in (0, 0.5, 1, 1.5, 2, 3) for y in (0, 0.25)])
    owner = np.repeat([0, 0, 1, 1, 2, 2], 2)
    regressor = np.zeros((3, 12))
    regressor[[0, 1, 2], [0, 4, 8]] = 1
    return {
        "v_template": vertices,
        "shapedirs": np.zeros((12, 3, 10)),
        "posedirs": np.zeros((12, 3, 18)),
        "J_regressor": regressor,
        "kintree_table": np.array([[(1 << 32) - 1, 0, 1], [0, 1, 2]], np.uint32),
        "weights": np.eye(3)[owner],
        "f": np.zeros((0, 3), np.uint32),
    }


def test_an_arm_bends_as_an_arm_does() -> None:
    quarter = np.pi / 2
    turns = from_axis_angle(np.array([[[0, 0, 0], [0, 0, quarter], [0, 0, quarter]]], np.float64))
    found = skin(model_of(arm()), turns, np.zeros((1, 10))).vertices[0]
    wanted = [
        (0, 0), (0, 0.25), (0.5, 0), (0.5, 0.25),  # the upper arm rests
        (1, 0), (0.75, 0), (1, 0.5), (0.75, 0.5),  # the lower arm points up
        (1, 1), (1, 0.75), (0, 1), (0, 0.75),  # the hand points back
    ]  # fmt: skip
    np.testing.assert_allclose(found, [(x, y, 0) for x, y in wanted], atol=1e-6)


def test_shape_moves_joints_and_pose_moves_surface() -> None:
    fields = arm()
    fields["shapedirs"][:, 0, 0] = fields["v_template"][:, 0]  # beta 0 of 1 doubles every length
    fields["posedirs"][7, 2, 1] = 2.0  # the first joint's second number lifts vertex 7
    turns = from_axis_angle(np.array([[[0, 0, 0], [0, 0, np.pi / 6], [0, 0, 0]]], np.float64))
    betas = np.eye(1, 10)
    found = skin(model_of(fields), turns, betas)
    np.testing.assert_allclose(np.linalg.norm(np.diff(found.joints[0], axis=0), axis=1), 2, atol=1e-6)
    np.testing.assert_allclose(found.vertices[0, 7, 2], 2 * -np.sin(np.pi / 6), atol=1e-6)
    np.testing.assert_allclose(np.delete(found.vertices[0, :, 2], 7), 0, atol=1e-6)


@pytest.mark.parametrize(
    ("turns", "betas"),
    [((1, 23, 3, 3), (1, 10)), ((24, 3, 3), (1, 10)), ((1, 24, 3, 3), (1, 11)), ((1, 24, 3, 3), (2, 10)),
     ((1, 24, 3, 3), (10,))],
    ids=str,
)  # fmt: skip
def test_other_shapes_are_refused(turns: tuple[int, ...], betas: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must have shape"):
        skin(model_of(make_fields()), np.zeros(turns), np.zeros(betas))


def test_nobody_is_nobody() -> None:
    assert skin(model_of(make_fields()), np.zeros((0, 24, 3, 3)), np.zeros((0, 10))).vertices.shape == (0, 60, 3)
