"""Light on what the rays met: sun, sky, a bounce from the ground, darker where something is close in front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.mannequin.camera import Camera, Vector
from sidecar.mannequin.render.materials import Materials
from sidecar.mannequin.render.quadric import Surface
from sidecar.mannequin.render.raster import EMPTY, Hits

GAMMA_STEPS = 4096
GAMMA = (255 * (np.arange(GAMMA_STEPS) / (GAMMA_STEPS - 1)) ** (1 / 2.2) + 0.5).astype(np.uint8)
CREASE_RADIUS_M = 0.05  # how far a nearer surface darkens its neighbours
CREASE_DEPTH_M = 0.10  # depth differences beyond this darken no further
CREASE_STRENGTH = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """World directions and linear colours. `to_sun` is a unit vector."""

    to_sun: Vector
    sun: Vector
    sky: Vector
    ground: Vector


@dataclass(frozen=True, slots=True, eq=False)
class Weave:
    """Where patterns lie on a material: coordinate = axes[m] . p + offsets[m], metres, camera space."""

    axes: NDArray[np.float32]
    offsets: NDArray[np.float32]


def shade(
    hits: Hits, surfaces: Sequence[Surface], materials: Materials, weave: Weave, light: Light, camera: Camera
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Colours (h, w, 3) sRGB, black where nothing was met, and coverage (h, w) 0 or 255."""
    flat = np.flatnonzero(hits.surface.ravel() != EMPTY)
    which = hits.surface.ravel()[flat]
    depth = hits.depth.ravel()[flat]
    row, column = np.divmod(flat, hits.surface.shape[1])
    point = np.stack([hits.columns[column] * depth, hits.rows[row] * depth, depth])
    normal = _normals(surfaces, which, point)
    material = np.array([surface.material for surface in surfaces], np.int64)[which]
    albedo = _albedo(materials, weave, material, point)
    colour = _lit(albedo, materials.gloss[material], normal, point, light, camera)
    colour *= _creases(hits, camera).ravel()[flat]
    image = np.zeros((hits.surface.size, 3), np.uint8)
    steps = np.clip(colour * (GAMMA_STEPS - 1), 0, GAMMA_STEPS - 1).astype(np.int16)
    image[flat] = GAMMA[steps].T
    coverage = (hits.surface != EMPTY).astype(np.uint8) * np.uint8(255)
    return image.reshape(*hits.surface.shape, 3), coverage


def _normals(surfaces: Sequence[Surface], which: NDArray[np.int16], point: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit normals (3, N): the gradient A p + b of the surface met."""
    table = np.array([np.column_stack([s.matrix, s.linear]) for s in surfaces], np.float32).reshape(-1, 12).T
    x, y, z = point
    a = table[:, which]
    normal = np.stack([a[4 * i] * x + a[4 * i + 1] * y + a[4 * i + 2] * z + a[4 * i + 3] for i in range(3)])
    normal /= np.sqrt((normal * normal).sum(axis=0)) + np.float32(1e-12)
    return normal


def _albedo(
    materials: Materials, weave: Weave, material: NDArray[np.int64], point: NDArray[np.float32]
) -> NDArray[np.float32]:
    albedo = materials.albedo[material].T
    striped = np.flatnonzero(materials.stripes[material] > 0)
    if striped.size:
        kind = material[striped]
        along = (weave.axes[kind].T * point[:, striped]).sum(axis=0) + weave.offsets[kind]
        phase = np.mod(along * materials.stripes[kind], 1.0)
        accent = striped[phase < materials.share[kind]]
        albedo[:, accent] = materials.accent[material[accent]].T
    return albedo


def _lit(
    albedo: NDArray[np.float32], gloss: NDArray[np.float32], normal: NDArray[np.float32],
    point: NDArray[np.float32], light: Light, camera: Camera,
) -> NDArray[np.float32]:  # fmt: skip
    rotation = camera.rotation
    to_sun = (rotation @ light.to_sun).astype(np.float32)
    up = (rotation @ np.array([0.0, 1.0, 0.0])).astype(np.float32)
    facing = to_sun @ normal
    direct = np.maximum((facing + np.float32(0.18)) / np.float32(1.18), 0)  # cloth and skin wrap light a little
    upwards = (up @ normal) * np.float32(0.5) + np.float32(0.5)
    sun, sky, ground = (np.asarray(c, np.float32)[:, None] for c in (light.sun, light.sky, light.ground))
    colour = albedo * (sun * direct + sky * upwards + ground * (1 - upwards))
    view = point / -np.sqrt((point * point).sum(axis=0))
    half = view + to_sun[:, None]
    half /= np.sqrt((half * half).sum(axis=0))
    glint = np.maximum((half * normal).sum(axis=0), 0)
    glint *= glint
    glint *= glint
    glint *= glint
    glint *= glint * (facing > 0)
    rim = 1 - np.maximum((view * normal).sum(axis=0), 0)
    rim *= rim * rim * np.float32(0.10)
    colour += glint * gloss * sun + rim * sky
    return np.asarray(colour, np.float32)


def _creases(hits: Hits, camera: Camera) -> NDArray[np.float32]:
    """Factors (h, w) in [0.55, 1]: depth against its blurred surroundings.

    After T. Luft et al., "Image enhancement by unsharp masking the depth buffer" (2006).
    """
    empty = hits.surface == EMPTY
    behind = np.float32(hits.depth[~empty].max())
    depth = np.where(empty, behind, hits.depth)
    spread = float(camera.focal_px / np.median(hits.depth[~empty]) * CREASE_RADIUS_M)
    spread *= len(hits.columns) / max(float(hits.columns[-1] - hits.columns[0]) * camera.focal_px, 1.0)
    side = 2 * max(1, round(spread)) + 1
    nearer = cv2.blur(np.minimum(depth, behind), (side, side))
    nearer = cv2.blur(nearer, (side, side))
    gap = np.clip(depth - nearer, 0, CREASE_DEPTH_M)
    return np.asarray(np.clip(1 - CREASE_STRENGTH * gap, 0.55, 1), np.float32)
