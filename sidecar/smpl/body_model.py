"""A body model's numbers, checked once, in the shapes that skinning wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.checkpoints.errors import ModelFileRefused

VERTICES, JOINTS, FACES = 6890, 24, 13776  # of SMPL itself
SHAPES = 10  # betas; newer files bring more directions, and the networks answer with these
MAX_VERTICES, MAX_JOINTS = 1 << 17, 256

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class BodyModel:
    """V vertices moved by J joints.

    Attributes:
        template: (V, 3) metres.
        shape_directions: (S, V * 3), metres per beta.
        pose_directions: (9 * (J - 1), V * 3), metres per number of a rotation minus the identity.
        joint_regressor: (J, V).
        weights: (V, J), how much each joint moves a vertex.
        parents: (J,), -1 for the root, else the index of an earlier joint.
        faces: (F, 3) vertex indices, counter-clockwise seen from outside.
    """

    template: Array
    shape_directions: Array
    pose_directions: Array
    joint_regressor: Array
    weights: Array
    parents: NDArray[np.int64]
    faces: NDArray[np.uint32]


def body_model(fields: Mapping[str, NDArray[Any]], *, source: Path, shapes: int = SHAPES) -> BodyModel:
    """Check the arrays of a model's file.

    Args:
        fields: by the names that the published files have.
        source: for messages.
        shapes: how many shape directions to keep.

    Raises:
        ModelFileRefused: one is missing, has another shape, or holds what it must not.
    """
    template = _floats(fields, "v_template", (None, 3), source)
    vertices = len(template)
    parents = _parents(_field(fields, "kintree_table", source), source)
    joints = len(parents)
    if not 1 <= vertices <= MAX_VERTICES:
        raise _refused(source, f"it has {vertices} vertices; 1 to {MAX_VERTICES} are read")
    directions = _floats(fields, "shapedirs", (vertices, 3, None), source)
    if directions.shape[2] < shapes:
        raise _refused(source, f"shapedirs must have at least {shapes} directions, got {directions.shape[2]}")
    return BodyModel(
        template=template,
        shape_directions=np.ascontiguousarray(directions[:, :, :shapes].reshape(-1, shapes).T),
        pose_directions=np.ascontiguousarray(
            _floats(fields, "posedirs", (vertices, 3, 9 * (joints - 1)), source).reshape(3 * vertices, -1).T
        ),
        joint_regressor=_floats(fields, "J_regressor", (joints, vertices), source),
        weights=_floats(fields, "weights", (vertices, joints), source),
        parents=parents,
        faces=_faces(_field(fields, "f", source), vertices, source),
    )


def require_smpl(model: BodyModel, *, source: Path) -> None:
    """Refuse a model of another size than SMPL's.

    Raises:
        ModelFileRefused: it has other vertices, joints or faces (SMPL+H and SMPL-X do).
    """
    found = (len(model.template), len(model.parents), len(model.faces))
    if found != (VERTICES, JOINTS, FACES):
        what = "{} vertices, {} joints and {} faces".format(*found)
        raise _refused(source, f"it has {what}; SMPL has {VERTICES}, {JOINTS} and {FACES}")


def _field(fields: Mapping[str, NDArray[Any]], name: str, source: Path) -> NDArray[Any]:
    if name not in fields:
        raise _refused(source, f"{name} is missing; it has {', '.join(sorted(fields)[:12])}")
    return fields[name]


def _floats(fields: Mapping[str, NDArray[Any]], name: str, shape: tuple[int | None, ...], source: Path) -> Array:
    array = _field(fields, name, source)
    fits = array.ndim == len(shape) and all(
        wanted in (None, side) for wanted, side in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype.kind not in "fiu":
        wanted = str(shape).replace("None", "any")
        raise _refused(source, f"{name} must hold numbers of shape {wanted}, got {array.dtype} {array.shape}")
    with np.errstate(over="ignore"):
        numbers = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(numbers).all():
        raise _refused(source, f"{name} must be finite, got {numbers[~np.isfinite(numbers)][0]}")
    return numbers


def _parents(table: NDArray[Any], source: Path) -> NDArray[np.int64]:
    """From kintree_table (2, J): the joints' parents, then the joints; the root's parent is no joint at all."""
    if table.ndim != 2 or len(table) != 2 or not 1 <= table.shape[1] <= MAX_JOINTS or table.dtype.kind not in "iu":
        raise _refused(source, f"kintree_table must be whole numbers of shape (2, J), got {table.dtype} {table.shape}")
    parents: NDArray[np.int64] = table[0].astype(np.int64)
    parents[0] = -1
    numbers = np.arange(len(parents))
    if not np.array_equal(table[1], numbers) or not ((parents[1:] >= 0) & (parents[1:] < numbers[1:])).all():
        raise _refused(source, f"kintree_table must give each joint an earlier parent, got {table[0].tolist()[:32]}")
    return parents


def _faces(faces: NDArray[Any], vertices: int, source: Path) -> NDArray[np.uint32]:
    good = faces.ndim == 2 and faces.shape[1:] == (3,) and faces.dtype.kind in "iu"
    if not good or (faces.size and not (0 <= int(faces.min()) <= int(faces.max()) < vertices)):
        raise _refused(source, f"f must hold triples of vertices below {vertices}, got {faces.dtype} {faces.shape}")
    return np.ascontiguousarray(faces, dtype=np.uint32)


def _refused(source: Path, message: str) -> ModelFileRefused:
    return ModelFileRefused(source, "mismatch", message, hint="models/smpl.md says which files are read.")
