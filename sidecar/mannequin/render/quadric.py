"""Solid parts (ellipsoids, round cones) as quadric surfaces a ray can be met with in closed form.

A surface is the set p'Ap + 2b'p + c = 0, inside where negative, kept where low <= axis'p + offset <= high. A round
cone, the hull of two spheres, is the two spheres and the piece of cone that touches both (I. Quilez, "rounded cone").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sidecar.mannequin.camera import Matrix, Vector

UNBOUNDED = 1e6  # metres; a surface with these limits along its axis is whole


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """One quadric in camera space, metres.

    Attributes:
        matrix, linear, constant: A (3, 3), b (3,), c of the equation above.
        axis, offset, low, high: the slab the surface is cut to; also the coordinate patterns run along.
        centre, reach: (3,) middle and half sides of a box around it.
        material: row in the material table.
    """

    matrix: Matrix
    linear: Vector
    constant: float
    axis: Vector
    offset: float
    low: float
    high: float
    centre: Vector
    reach: Vector
    material: int


@dataclass(frozen=True, slots=True, eq=False)
class Ellipsoid:
    """A stretched ball: `axes` (3, 3) has the half axes as columns. Cut to low <= y / |y axis| <= high."""

    centre: Vector
    axes: Matrix
    material: int
    low: float = -UNBOUNDED
    high: float = UNBOUNDED

    def surfaces(self) -> tuple[Surface, ...]:
        to_unit = np.linalg.inv(self.axes)
        matrix = to_unit.T @ to_unit
        linear = -matrix @ self.centre
        reach = np.sqrt((self.axes * self.axes).sum(axis=1))
        constant = float(-linear @ self.centre - 1.0)
        axis, offset = to_unit[1], float(-to_unit[1] @ self.centre)
        return (
            Surface(matrix, linear, constant, axis, offset, self.low, self.high, self.centre, reach, self.material),
        )


@dataclass(frozen=True, slots=True, eq=False)
class RoundCone:
    """The hull of a ball at `start` and a ball at `end`; flattened across to `thickness` along the unit vector `flat`.

    `caps` says which balls to draw: both, one, or none where other parts cover them.
    """

    start: Vector
    end: Vector
    start_radius: float
    end_radius: float
    material: int
    flat: Vector | None = None
    thickness: float = 1.0
    caps: str = "both"

    def surfaces(self) -> tuple[Surface, ...]:
        squash, unsquash = np.eye(3), np.eye(3)
        if self.flat is not None:
            outer = np.outer(self.flat, self.flat)
            squash = squash + (1.0 / self.thickness - 1.0) * outer
            unsquash = unsquash + (self.thickness - 1.0) * outer
        along = squash @ (self.end - self.start)
        length = math.sqrt(float(along @ along))
        found: list[Surface] = []
        if self.caps in ("both", "start"):
            found += Ellipsoid(self.start, unsquash * self.start_radius, self.material).surfaces()
        if self.caps in ("both", "end"):
            found += Ellipsoid(self.end, unsquash * self.end_radius, self.material).surfaces()
        if length > abs(self.start_radius - self.end_radius) + 1e-9:
            found.append(self._side(squash, unsquash, along / length, length))
        return tuple(found)

    def _side(self, squash: Matrix, unsquash: Matrix, along: Vector, length: float) -> Surface:
        sin = (self.start_radius - self.end_radius) / length
        cos = math.sqrt(1.0 - sin * sin)
        tan, base_radius = sin / cos, self.start_radius / cos
        matrix = squash @ (np.eye(3) - (1.0 + tan * tan) * np.outer(along, along)) @ squash
        axis = squash @ along
        start_linear = base_radius * tan * axis
        linear = start_linear - matrix @ self.start
        constant = float(self.start @ matrix @ self.start - 2.0 * start_linear @ self.start) - base_radius * base_radius
        ball = np.sqrt((unsquash * unsquash).sum(axis=1))
        low = np.minimum(self.start - ball * self.start_radius, self.end - ball * self.end_radius)
        high = np.maximum(self.start + ball * self.start_radius, self.end + ball * self.end_radius)
        return Surface(
            matrix, linear, constant, axis, float(-axis @ self.start),
            self.start_radius * sin, length + self.end_radius * sin,
            (low + high) / 2, (high - low) / 2, self.material,
        )  # fmt: skip


Part = Ellipsoid | RoundCone
