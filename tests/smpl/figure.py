"""A body of SMPL's size that looks like somebody: each of 24 joints moves a spindle towards the next one.

Stands in for SMPL, whose numbers nobody may pass on. y points down, as the camera has it, so that no rotation is a
person who stands upright before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.smpl.makers import SMPL_PARENTS, Fields

VERTICES, FACES = 6890, 13776
RINGS, SIDES = 7, 41  # of a spindle: 24 of them have 6,888 vertices, and two are left over

_HALF: dict[int, tuple[float, float, float]] = {  # joint -> metres, x to the person's left
    0: (0.0, 0.0, 0.0), 1: (0.09, 0.05, 0), 4: (0.1, 0.45, 0), 7: (0.1, 0.87, 0.02), 10: (0.1, 0.92, -0.1),
    3: (0.0, -0.12, 0), 6: (0.0, -0.26, 0), 9: (0.0, -0.33, 0), 12: (0.0, -0.52, 0), 15: (0.0, -0.6, 0),
    13: (0.07, -0.45, 0), 16: (0.18, -0.47, 0), 18: (0.44, -0.46, 0), 20: (0.69, -0.46, 0), 22: (0.77, -0.46, 0),
}  # fmt: skip
_MIRRORED = {2: 1, 5: 4, 8: 7, 11: 10, 14: 13, 17: 16, 19: 18, 21: 20, 23: 22}
_TIPS: dict[int, tuple[float, float, float]] = {  # where a spindle without a next joint ends
    10: (0.1, 0.93, -0.17), 15: (0.0, -0.82, 0), 22: (0.86, -0.46, 0), 0: (0.0, -0.14, 0),
}  # fmt: skip
_THICK = {0: 0.13, 3: 0.12, 6: 0.13, 9: 0.13, 1: 0.08, 4: 0.055, 15: 0.09, 16: 0.05, 18: 0.04}


def rest_joints() -> NDArray[np.float64]:
    """(24, 3), metres."""
    places = dict(_HALF)
    for right, left in _MIRRORED.items():
        x, y, z = _HALF[left]
        places[right] = (-x, y, z)
    return np.array([places[joint] for joint in range(24)])


def figure_fields() -> Fields:
    """Arrays of the model, float64, under the names of SMPL's files. Betas make it larger, wider, longer, ..."""
    joints = rest_joints()
    template, faces = np.zeros((VERTICES, 3)), np.zeros((FACES, 3), np.uint32)
    regressor, weights = np.zeros((24, VERTICES)), np.zeros((VERTICES, 24))
    weights[:, 0] = 1.0
    per_part, triangles = RINGS * SIDES, 2 * (RINGS - 1) * SIDES
    for joint in range(24):
        first = joint * per_part
        template[first : first + per_part] = _spindle(joints[joint], _end_of(joint, joints), _thickness(joint))
        faces[joint * triangles : (joint + 1) * triangles] = _triangles() + first
        weights[first : first + per_part] = np.eye(24)[joint]
        regressor[joint, first] = 1.0  # its first ring is a point at the joint
    template[24 * per_part :] = joints[0]
    directions = np.random.default_rng(5).normal(size=(VERTICES, 3, 10)) * 1e-3
    directions[:, :, 0] = template * 0.1
    directions[:, :, 1] = template * np.array([0.1, 0, 0.1])
    return {
        "v_template": template,
        "shapedirs": directions,
        "posedirs": np.zeros((VERTICES, 3, 207)),
        "J_regressor": regressor,
        "kintree_table": np.array([[parent % (1 << 32) for parent in SMPL_PARENTS], range(24)], np.uint32),
        "weights": weights,
        "f": faces,
    }


def _thickness(joint: int) -> float:
    return _THICK.get(_MIRRORED.get(joint, joint), 0.045)


def _end_of(joint: int, joints: NDArray[np.float64]) -> NDArray[np.float64]:
    left = _MIRRORED.get(joint, joint)
    if left in _TIPS:
        x, y, z = _TIPS[left]
        return np.array([x if left == joint else -x, y, z])
    return np.asarray(joints[SMPL_PARENTS.index(joint)])


def _spindle(start: NDArray[np.float64], end: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Rings of SIDES points from one end to the other; the first and the last ring are points."""
    along = (end - start) / np.linalg.norm(end - start)
    across = np.cross(along, [0.0, 0.0, 1.0] if abs(along[2]) < 0.9 else [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    other = np.cross(along, across)
    share = np.linspace(0, 1, RINGS)[:, None, None]
    angle = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)[None, :, None]
    round_ = radius * np.sqrt(np.maximum(0, 1 - (2 * share - 1) ** 2))
    points = start + share * (end - start) + round_ * (np.cos(angle) * across + np.sin(angle) * other)
    return np.asarray(points.reshape(-1, 3))


def _triangles() -> NDArray[np.uint32]:
    """Between neighbouring rings, counter-clockwise seen from outside."""
    ring, side = np.mgrid[0 : RINGS - 1, 0:SIDES]
    here, beside = ring * SIDES + side, ring * SIDES + (side + 1) % SIDES
    near = np.stack([here, beside, here + SIDES], axis=-1).reshape(-1, 3)
    far = np.stack([beside, beside + SIDES, here + SIDES], axis=-1).reshape(-1, 3)
    return np.concatenate([near, far]).astype(np.uint32)
