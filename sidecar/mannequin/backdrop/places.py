"""The places themselves: a park, a plaza, a hall. Each paints a picture and says how it is lit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sidecar.mannequin.backdrop.noise import fractal_tile, sample
from sidecar.mannequin.backdrop.view import Paint, Plane, View, develop, look, mix, smooth
from sidecar.mannequin.camera import Camera, Vector
from sidecar.mannequin.render.shade import Light

Place = Callable[[View, Generator], Paint]
PLACES = ("park", "plaza", "hall")


def paint_place(name: str, camera: Camera, rng: Generator) -> tuple[NDArray[np.uint8], Light]:
    """The picture of a place (H, W, 3) without people, and its light."""
    places: dict[str, Place] = {"park": _park, "plaza": _plaza, "hall": _hall}
    return develop(places[name](look(camera), rng), camera), _light(name, rng)


def _light(name: str, rng: Generator) -> Light:
    side = 1.0 if rng.random() < 0.5 else -1.0
    direction = np.array([side * rng.uniform(0.45, 0.8), rng.uniform(1.1, 1.5), rng.uniform(0.5, 0.9)])
    to_sun: Vector = direction / np.linalg.norm(direction)
    if name == "hall":
        return Light(to_sun, np.array([0.72, 0.70, 0.66]), np.array([0.50, 0.50, 0.51]), np.array([0.30, 0.26, 0.21]))
    ground = np.array([0.20, 0.23, 0.14]) if name == "park" else np.array([0.28, 0.26, 0.24])
    return Light(to_sun, np.array([0.98, 0.92, 0.80]), np.array([0.36, 0.41, 0.50]), ground)


def _sky(view: View, rng: Generator) -> Paint:
    clouds = fractal_tile(rng, coarsest=4, octaves=6)
    height = np.maximum(view.rise, 0.004) + 0.06
    u, v = view.azimuth / height * 0.035 + 0.3, 0.11 / height
    cover = smooth(0.2, 1.9, sample(clouds, u.astype(np.float32), v.astype(np.float32)))
    blue = mix((0.80, 0.88, 0.94), (0.42, 0.64, 0.86), smooth(0.0, 0.55, view.rise))
    return mix(blue, (0.97, 0.97, 0.97), cover * 0.8)


def _ridge(view: View, rng: Generator, *, base: float, swing: float, cells: int) -> Plane:
    """1 below a ragged line drawn over the azimuth, 0 above; `base` and `swing` in slopes."""
    line = fractal_tile(rng, coarsest=cells, octaves=6)
    flat = np.zeros_like(view.azimuth) + 0.37
    height = base + swing * sample(line, view.azimuth * 0.22 + 0.11, flat)
    return smooth(-0.003, 0.003, height - view.rise)


def _park(view: View, rng: Generator) -> Paint:
    picture = _sky(view, rng)
    picture = mix(picture, (0.58, 0.68, 0.72), _ridge(view, rng, base=0.085, swing=0.022, cells=2))
    leaves = fractal_tile(rng, coarsest=16, octaves=5, gain=0.75)
    x, y = view.wall(-26.0)
    leaf = sample(leaves, x * 0.055, y * 0.055)
    trees = mix((0.17, 0.27, 0.13), (0.40, 0.50, 0.24), smooth(-1.6, 1.9, leaf + 0.12 * (y - 1.5)))
    picture = mix(picture, trees, _ridge(view, rng, base=0.075, swing=0.028, cells=8))
    picture = mix(picture, (0.20, 0.27, 0.14), smooth(0.9, 0.2, y) * smooth(0.002, -0.002, -view.rise))
    grain = fractal_tile(rng, coarsest=8, octaves=7, gain=0.7)
    broad = fractal_tile(rng, coarsest=4, octaves=3)
    near = sample(grain, view.ground_x * 0.45, view.ground_z * 0.30) * smooth(24.0, 3.0, view.distance)
    wide = sample(broad, view.ground_x * 0.05, view.ground_z * 0.05)
    grass = mix((0.30, 0.42, 0.17), (0.52, 0.60, 0.29), smooth(-2.2, 2.4, near * 0.9 + wide))
    edge = view.ground_z + 0.12 * wide + 0.9 * np.sin(view.ground_x * 0.12)
    path = smooth(-1.75, -1.60, edge) * smooth(2.25, 2.10, edge)
    gravel = mix((0.66, 0.60, 0.50), (0.80, 0.75, 0.66), smooth(-2.2, 2.2, near + 0.5 * wide))
    ground = mix(grass, gravel, path)
    ground = mix(ground, (0.56, 0.64, 0.45), smooth(8.0, 60.0, view.distance) * 0.55)
    return np.where(view.is_ground[..., None], ground, picture)


def _seams(position: Plane, period: float, width: float, distance: Plane) -> Plane:
    """1 on lines every `period` metres, fading out where they would be finer than a pixel."""
    gap = np.abs(np.mod(position / period + 0.5, 1.0) - 0.5) * period
    return np.asarray(smooth(width, width * 0.3, gap) * smooth(14.0, 4.0, distance), np.float32)


def _tone_per_cell(column: Plane, row: Plane) -> Plane:
    """A steady pseudo-random number in [0, 1) for each cell of a grid."""
    mixed = (column.astype(np.int64) * 73856093) ^ (row.astype(np.int64) * 19349663)
    return np.asarray(((mixed * 2654435761) >> 12 & 1023) / 1024.0, np.float32)


def _plaza(view: View, rng: Generator) -> Paint:
    picture = _sky(view, rng)
    grain = fractal_tile(rng, coarsest=8, octaves=7, gain=0.7)
    x, y = view.wall(-9.0)
    course = np.floor(y / 0.16)
    brick = np.floor((x + 0.19 * np.mod(course, 2)) / 0.38)
    tone = _tone_per_cell(brick, course) * 0.8 + 0.2 * smooth(-2, 2, sample(grain, x * 0.3, y * 0.3))
    wall = mix((0.56, 0.35, 0.28), (0.72, 0.50, 0.41), tone)
    mortar: Plane = np.maximum(
        smooth(0.024, 0.008, np.abs(np.mod(y / 0.16 + 0.5, 1) - 0.5) * 0.16),
        smooth(0.024, 0.008, np.abs(np.mod((x + 0.19 * np.mod(course, 2)) / 0.38 + 0.5, 1) - 0.5) * 0.38),
    )
    wall = mix(wall, (0.70, 0.66, 0.61), mortar * 0.7)
    wall = _windows(wall, x, y)
    wall = mix(wall, (0.47, 0.46, 0.45), smooth(0.62, 0.58, y))
    picture = mix(picture, wall, smooth(5.62, 5.58, y))
    slab_x, slab_z = np.floor(view.ground_x / 0.6), np.floor(view.ground_z / 0.6)
    near = sample(grain, view.ground_x * 0.35, view.ground_z * 0.35) * smooth(22.0, 4.0, view.distance)
    stone = mix((0.60, 0.58, 0.55), (0.73, 0.71, 0.67), _tone_per_cell(slab_x, slab_z) * 0.6 + 0.2 + 0.07 * near)
    seams: Plane = np.maximum(
        _seams(view.ground_x, 0.6, 0.018, view.distance), _seams(view.ground_z, 0.6, 0.022, view.distance)
    )
    ground = mix(stone, (0.43, 0.41, 0.39), seams * 0.75)
    return np.where((view.ground_z > -9.0)[..., None] & view.is_ground[..., None], ground, picture)


def _windows(wall: Paint, x: Plane, y: Plane) -> Paint:
    bay = np.abs(np.mod(x / 2.6, 1.0) - 0.5) * 2.6
    frame = smooth(0.62, 0.60, bay) * smooth(1.30, 1.32, y) * smooth(3.22, 3.20, y)
    glass = smooth(0.54, 0.52, bay) * smooth(1.38, 1.40, y) * smooth(3.14, 3.12, y)
    bars = np.maximum(smooth(0.035, 0.025, bay), smooth(0.035, 0.025, np.abs(y - 2.45)))
    wall = mix(wall, (0.88, 0.86, 0.82), frame)
    pane = mix((0.30, 0.38, 0.44), (0.56, 0.66, 0.74), smooth(1.3, 3.3, y + 0.25 * np.sin(x * 2.1)))
    return mix(wall, pane, glass * (1 - bars))


def _hall(view: View, rng: Generator) -> Paint:
    grain = fractal_tile(rng, coarsest=8, octaves=7, gain=0.7)
    x, y = view.wall(-5.5)
    wall = mix((0.86, 0.84, 0.79), (0.93, 0.92, 0.88), smooth(-2.5, 2.5, sample(grain, x * 0.12, y * 0.12)))
    wall = mix(wall, (0.35, 0.50, 0.55), smooth(1.25, 1.23, y))
    wall = mix(wall, (0.95, 0.94, 0.91), smooth(0.03, 0.02, np.abs(y - 1.26)))
    for left, bottom, width, height, colour in (
        (-4.3, 1.75, 1.1, 0.8, (0.83, 0.55, 0.33)), (-1.2, 1.70, 0.8, 1.1, (0.36, 0.46, 0.62)),
        (2.4, 1.80, 1.5, 0.9, (0.55, 0.62, 0.42)),
    ):  # fmt: skip
        inside = smooth(0.5 * width, 0.5 * width - 0.02, np.abs(x - left - width / 2))
        inside = inside * smooth(0.5 * height, 0.5 * height - 0.02, np.abs(y - bottom - height / 2))
        shade = sample(grain, x * 0.18 + left, y * 0.18)
        poster = mix(colour, tuple(c * 0.6 for c in colour), smooth(-0.6, 1.2, shade))  # type: ignore[arg-type]
        wall = mix(wall, poster, inside)
    wall = mix(wall, (0.40, 0.31, 0.24), smooth(0.13, 0.12, y))
    wall = wall * (0.86 + 0.14 * smooth(6.0, 1.0, np.abs(x)))[..., None]
    plank = np.floor(view.ground_x / 0.14)
    board = np.floor((view.ground_z + _tone_per_cell(plank, plank) * 1.7) / 1.7)
    fibre = sample(grain, view.ground_x * 2.2, view.ground_z * 0.12)
    tone = 0.62 * _tone_per_cell(plank, board) + 0.38 * smooth(-2, 2, fibre)
    wood = mix((0.58, 0.40, 0.24), (0.76, 0.57, 0.37), tone)
    wood = mix(wood, (0.36, 0.24, 0.15), _seams(view.ground_x, 0.14, 0.008, view.distance) * 0.8)
    wood = mix(wood, (0.80, 0.80, 0.78), smooth(3.0, 9.0, view.distance) * 0.18)
    return np.where((view.ground_z > -5.5)[..., None] & view.is_ground[..., None], wood, wall)
