"""The body that stands in for SMPL is one: joints where they should be, surfaces that face outwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sidecar.smpl.body_model import body_model, require_smpl
from sidecar.smpl.rotations import from_axis_angle
from sidecar.smpl.skinning import skin
from tests.smpl.figure import figure_fields, rest_joints


def test_it_has_smpls_size_and_its_joints_are_where_they_were_put() -> None:
    model = body_model(figure_fields(), source=Path("made.pkl"))
    require_smpl(model, source=Path("made.pkl"))
    still = np.tile(np.eye(3, dtype=np.float32), (1, 24, 1, 1))
    body = skin(model, still, np.zeros((1, 10), np.float32))
    np.testing.assert_allclose(body.joints[0], rest_joints(), atol=1e-6)
    corners = body.vertices[0][model.faces]
    volume = np.linalg.det(corners).sum() / 6  # of all tetrahedra with the origin: negative where faces look inwards
    assert 0.03 < volume < 0.12, "cubic metres of somebody"


def test_a_joint_moves_what_hangs_on_it_and_nothing_else() -> None:
    model = body_model(figure_fields(), source=Path("made.pkl"))
    turns = np.tile(np.eye(3, dtype=np.float32), (2, 24, 1, 1))
    turns[1, 16] = from_axis_angle(np.array([0, 0, 1.0], np.float32))  # the left shoulder
    bodies = skin(model, turns, np.zeros((2, 10), np.float32))
    moved = np.linalg.norm(bodies.joints[1] - bodies.joints[0], axis=1) > 1e-4
    assert np.flatnonzero(moved).tolist() == [18, 20, 22]
