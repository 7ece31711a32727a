"""Bodies drawn over a picture: their triangles, shaded by one light, the furthest first.

A depth buffer would ask for every pixel; triangles of a body are so small that sorting them by depth shows the same,
in a few milliseconds of OpenCV.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.overlay.palette import Colour, identity_colour
from sidecar.pose.body import Body
from sidecar.pose.person import Person

Image = NDArray[np.uint8]  # (H, W, 3) RGB

OPACITY = 0.85
NEAREST_M = 0.05  # a triangle with a corner closer to the lens is not drawn
FURTHEST_PX = 1 << 20  # nor one with a corner further outside; OpenCV draws with 16 bits before the point

_Triangles = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.uint8]]

_SUBPIXEL_BITS = 3
_TO_LIGHT = np.array([-0.35, -0.55, -0.76], np.float32)  # from the left above, behind the camera
_AMBIENT, _DIFFUSE = 0.35, 0.65


def draw_meshes(
    image_rgb: Image, persons: Sequence[Person], faces: NDArray[np.uint32], *, opacity: float = OPACITY
) -> Image:
    """A copy of the picture with the bodies over it, in the colours of their ids; people without vertices are left out.

    Args:
        image_rgb: (H, W, 3) uint8.
        faces: (F, 3) vertex indices, counter-clockwise seen from outside.
        opacity: of the bodies, in [0, 1].

    Raises:
        ValueError: the faces point beyond a body's vertices.
    """
    height, width = image_rgb.shape[:2]
    found: list[_Triangles] = []
    for number, person in enumerate(persons, start=1):
        if person.body is None or person.body.vertices is None:
            continue
        colour = identity_colour(number if person.id is None else person.id)
        found.append(_triangles(person.body, faces, colour, width=width, height=height))
    drawn: Image = np.array(image_rgb, order="C", copy=True)
    if not found:
        return drawn
    corners, depths, shades = (np.concatenate(parts) for parts in zip(*found, strict=True))
    for index in np.argsort(-depths, kind="stable").tolist():
        red, green, blue = shades[index].tolist()
        cv2.fillConvexPoly(drawn, corners[index], (red, green, blue), cv2.LINE_8, _SUBPIXEL_BITS)
    return np.asarray(cv2.addWeighted(drawn, opacity, image_rgb, 1 - opacity, 0), np.uint8)


def _triangles(body: Body, faces: NDArray[np.uint32], colour: Colour, *, width: int, height: int) -> _Triangles:
    """Corners (N, 3, 2) in sub-pixels, depths (N,) and colours (N, 3) of the triangles that face the camera."""
    assert body.vertices is not None
    if faces.size and int(faces.max()) >= len(body.vertices):
        raise ValueError(f"faces point to vertex {int(faces.max())} of a body of {len(body.vertices)}")
    placed = (body.vertices + body.translation)[faces]
    normal = np.cross(placed[:, 1] - placed[:, 0], placed[:, 2] - placed[:, 0])
    seen = (normal * placed[:, 0]).sum(axis=1) < 0
    seen &= (placed[:, :, 2] >= NEAREST_M).all(axis=1)
    placed, normal = placed[seen], normal[seen]
    pixels = body.focal_px * placed[:, :, :2] / placed[:, :, 2:] + np.array([width / 2, height / 2])
    near = (np.abs(pixels) < FURTHEST_PX).all(axis=(1, 2))
    # OpenCV counts from the middle of the first pixel, we count from its corner.
    corners = np.rint((pixels[near] - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    placed, normal = placed[near], normal[near]
    length = np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
    light = _AMBIENT + _DIFFUSE * np.maximum(normal @ _TO_LIGHT / length, 0)
    shades = np.rint(light[:, None] * np.array(colour)).clip(0, 255).astype(np.uint8)
    return corners, placed[:, :, 2].mean(axis=1).astype(np.float32), shades
