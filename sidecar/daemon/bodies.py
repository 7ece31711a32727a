"""Bodies as parts of RESULT: arrays on frames, nested lists on JSON lines, and the triangles that meshes share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.body import Body
from sidecar.pose.person import Person

FACES = "faces"
LINE_DECIMALS = 6  # metres and parts of rotations; JSON lines only
EXACT_BELOW = 1 << 24  # whole numbers that float32 holds exactly: what vertex indices travel as

Array = NDArray[np.float32]


class BadBody(ValueError):
    """A body is not what its type promises. The message names the field and the value."""


def check_body(body: Body) -> None:
    """Refuse a body with a wrong shape or a number that is not finite.

    Raises:
        BadBody: naming the field.
    """
    wanted = {"global_orient": (3, 3), "body_pose": (None, 3, 3), "betas": (None,), "translation": (3,)}
    if body.vertices is not None:
        wanted["vertices"] = (None, 3)
    for name, shape in wanted.items():
        array = getattr(body, name)
        fits = array.ndim == len(shape) and all(
            side in (None, found) for side, found in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise BadBody(f"{name} must have shape {str(shape).replace('None', 'any')}, got {array.shape}")
        if not np.isfinite(array).all():
            raise BadBody(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    if not 0 < body.focal_px < np.inf:
        raise BadBody(f"focal_px must be > 0 px, got {body.focal_px}")


def body_arrays(persons: Sequence[Person]) -> Iterator[tuple[str, list[Array]]]:
    """Names and rows of the arrays that all persons have in common; none where one of them has no body."""
    bodies = [person.body for person in persons if person.body is not None]
    if not bodies or len(bodies) != len(persons):
        return
    yield "body_orient", [body.global_orient for body in bodies]
    yield "body_pose", [body.body_pose for body in bodies]
    yield "body_betas", [body.betas for body in bodies]
    yield "body_camera", [np.array([*body.translation, body.focal_px], np.float32) for body in bodies]
    vertices = [body.vertices for body in bodies if body.vertices is not None]
    if len(vertices) == len(bodies):
        yield "body_vertices", vertices


def faces_array(faces: NDArray[np.uint32]) -> Array:
    """(F, 3) vertex indices as float32.

    Raises:
        BadBody: an index is too large to be exact.
    """
    if faces.size and int(faces.max()) >= EXACT_BELOW:
        raise BadBody(f"vertex indices must be below {EXACT_BELOW}, got {int(faces.max())}")
    return faces.astype(np.float32)


def body_fields(body: Body) -> dict[str, Any]:
    """A body for a JSON line. Vertices travel on frames only: as text a mesh would be a hundred times its keypoints."""
    return {
        "global_orient": _rounded(body.global_orient),
        "body_pose": _rounded(body.body_pose),
        "betas": _rounded(body.betas),
        "translation": _rounded(body.translation),
        "focal_px": round(float(body.focal_px), LINE_DECIMALS),
    }


def _rounded(array: Array) -> Any:
    return np.round(array.astype(np.float64), LINE_DECIMALS).tolist()
