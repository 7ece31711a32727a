"""Skinning written once more, in float64: one vertex after the other, 4 x 4 transforms, no batches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def posed(fields: dict[str, Any], rotations: Matrix, betas: Matrix) -> tuple[Matrix, Matrix]:
    """Vertices (V, 3) and joints (J, 3) of one body."""
    template, shapes, poses = fields["v_template"], fields["shapedirs"], fields["posedirs"]
    parents = [-1, *fields["kintree_table"][0, 1:].tolist()]
    count = len(template)
    shaped = np.array([template[v] + sum(betas[k] * shapes[v, :, k] for k in range(len(betas))) for v in range(count)])
    rest = np.array([sum(row[v] * shaped[v] for v in np.flatnonzero(row)) for row in fields["J_regressor"]])
    numbers = np.concatenate([(rotation - np.eye(3)).ravel() for rotation in rotations[1:]])
    world: list[Matrix] = []
    for joint, parent in enumerate(parents):
        local = np.eye(4)
        local[:3, :3] = rotations[joint]
        local[:3, 3] = rest[joint] - (rest[parent] if parent >= 0 else 0)
        world.append(local if parent < 0 else world[parent] @ local)
    vertices = []
    for v in range(count):
        point = np.append(shaped[v] + poses[v] @ numbers, 1.0)
        moved = np.zeros(4)
        for joint, transform in enumerate(world):
            from_rest = np.eye(4)
            from_rest[:3, 3] = -rest[joint]
            moved += fields["weights"][v, joint] * (transform @ from_rest @ point)
        vertices.append(moved[:3])
    return np.array(vertices), np.array([transform[:3, 3] for transform in world])
