"""Rays against solids, held to another way of computing them: spheres laid densely along the bone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sidecar.mannequin.camera import Camera
from sidecar.mannequin.render.quadric import Ellipsoid, RoundCone
from sidecar.mannequin.render.raster import EMPTY, Hits, cast

CAMERA = Camera(np.zeros(3), 0.0, 120.0, 96, 72)
LAID = 400  # spheres along a bone

coordinates = st.tuples(st.floats(-0.6, 0.6), st.floats(-0.4, 0.4), st.floats(2.0, 3.0))
radii = st.floats(0.03, 0.25)


def by_spheres(
    start: NDArray[np.float64], end: NDArray[np.float64], start_radius: float, end_radius: float
) -> NDArray[np.float64]:
    """Depths (72, 96) of the hull of two balls, as the nearest of many balls between them; inf where none is met."""
    columns, rows = CAMERA.ray_grid(1)
    x, y = np.meshgrid(columns.astype(np.float64), rows.astype(np.float64))
    square = x * x + y * y + 1
    depth = np.full(x.shape, np.inf)
    for share in np.linspace(0, 1, LAID):
        centre, radius = start + share * (end - start), start_radius + share * (end_radius - start_radius)
        along = x * centre[0] + y * centre[1] + centre[2]
        rest = along * along - square * (centre @ centre - radius * radius)
        with np.errstate(invalid="ignore"):
            depth = np.fmin(depth, np.where(rest > 0, (along - np.sqrt(rest)) / square, np.inf))
    return depth


def full(hits: Hits | None) -> NDArray[np.float64]:
    depth = np.full((CAMERA.height, CAMERA.width), np.inf)
    if hits is not None:
        height, width = hits.depth.shape
        depth[hits.top : hits.top + height, hits.left : hits.left + width] = hits.depth
    return depth


@settings(max_examples=40, deadline=None)
@given(coordinates, coordinates, radii, radii)
def test_a_round_cone_is_the_hull_of_its_balls(
    start: tuple[float, float, float], end: tuple[float, float, float], start_radius: float, end_radius: float
) -> None:
    first, last = np.array(start), np.array(end)
    found = full(cast(RoundCone(first, last, start_radius, end_radius, 0).surfaces(), CAMERA, supersample=1))
    wanted = by_spheres(first, last, start_radius, end_radius)
    both = np.isfinite(found) & np.isfinite(wanted)
    # Balls leave dents between them and rays that graze may go either way: a thin rim may differ.
    assert np.count_nonzero(np.isfinite(found) != np.isfinite(wanted)) <= 0.03 * np.count_nonzero(both) + 8
    off = np.abs(found[both] - wanted[both])
    assert np.count_nonzero(off > 2e-3) <= 0.03 * off.size + 8


@settings(max_examples=40, deadline=None)
@given(coordinates, st.tuples(radii, radii, radii), st.integers(0, 2**32 - 1))
def test_every_point_met_on_an_ellipsoid_lies_on_it(
    centre: tuple[float, float, float], half: tuple[float, float, float], seed: int
) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    axes = turn * np.array(half)
    hits = cast(Ellipsoid(np.array(centre), axes, 0).surfaces(), CAMERA, supersample=2)
    if hits is None:
        return
    row, column = np.nonzero(hits.surface != EMPTY)
    depth = hits.depth[row, column].astype(np.float64)
    points = np.stack([hits.columns[column] * depth, hits.rows[row] * depth, depth], axis=1)
    unit = (points - centre) @ np.linalg.inv(axes).T
    assert np.linalg.norm(unit, axis=1) == pytest.approx(1.0, abs=5e-3)
    assert ((points - centre) @ np.linalg.inv(axes @ axes.T) * points).sum(axis=1).max(initial=-1) <= 1e-2  # near side


def test_the_nearer_solid_hides_the_farther_whatever_the_order() -> None:
    near = Ellipsoid(np.array([0.0, 0.0, 2.0]), np.eye(3) * 0.1, 0).surfaces()
    far = Ellipsoid(np.array([0.0, 0.0, 3.0]), np.eye(3) * 0.4, 1).surfaces()
    for order in (near + far, far + near):
        hits = cast(order, CAMERA, supersample=1)
        assert hits is not None
        seen = order[hits.surface[36 - hits.top, 48 - hits.left]]
        assert seen.material == 0


@pytest.mark.parametrize(
    "centre",
    [(50.0, 0.0, 3.0), (0.0, -50.0, 3.0), (0.0, 0.0, -3.0), (0.0, 0.0, 0.0)],
    ids=["far to the right", "far above", "behind the lens", "around the lens"],
)
def test_solids_outside_of_the_picture_are_met_by_no_ray(centre: tuple[float, float, float]) -> None:
    assert cast(Ellipsoid(np.array(centre), np.eye(3) * 0.2, 0).surfaces(), CAMERA, supersample=2) is None


def test_a_flattened_cone_is_thin_across_and_wide_along() -> None:
    flat = RoundCone(
        np.array([0.0, -0.2, 2.0]), np.array([0.0, 0.2, 2.0]), 0.2, 0.2, 0,
        flat=np.array([0.0, 0.0, 1.0]), thickness=0.5,
    )  # fmt: skip
    depth = full(cast(flat.surfaces(), CAMERA, supersample=1))
    assert depth[36, 48] == pytest.approx(1.9, abs=2e-3)
    columns, _ = CAMERA.ray_grid(1)
    edge = np.flatnonzero(np.isfinite(depth[36]))[-1]
    assert columns[edge] * 2.0 == pytest.approx(0.2, abs=0.02)


def test_equal_balls_in_one_place_are_one_ball() -> None:
    spot = np.array([0.0, 0.0, 2.0])
    depth = full(cast(RoundCone(spot, spot, 0.1, 0.1, 0).surfaces(), CAMERA, supersample=1))
    assert depth[36, 48] == pytest.approx(1.9, abs=2e-3)
