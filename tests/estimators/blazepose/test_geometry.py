from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.estimators.blazepose.geometry import points_from_region, region_from_points
from sidecar.pose.region import Region

place = st.floats(-5000, 5000)


def test_a_person_upright_has_an_upright_region() -> None:
    assert region_from_points((100, 200), (100, 150)) == Region(100, 200, 125, 0)


@pytest.mark.parametrize(
    ("up", "rotation"),
    [((50, 0), math.pi / 2), ((-50, 0), -math.pi / 2), ((0, 50), -math.pi), ((30, -30), math.pi / 4)],
    ids=["head to the right", "head to the left", "head down", "leaning right"],
)
def test_rotation_is_clockwise_as_seen(up: tuple[int, int], rotation: float) -> None:
    region = region_from_points((0, 0), up)
    assert region is not None
    assert region.rotation == pytest.approx(rotation)


@pytest.mark.parametrize("scale", [(7.0, 7.0), (math.nan, 0.0), (math.inf, 0.0)], ids=str)
def test_points_that_give_no_square_give_no_region(scale: tuple[float, float]) -> None:
    assert region_from_points((7.0, 7.0), scale) is None


@given(place, place, st.floats(0.1, 5000), st.floats(-math.pi, math.pi - 1e-9))
def test_a_region_gives_back_its_two_points(cx: float, cy: float, size: float, rotation: float) -> None:
    region = region_from_points(*points_from_region(Region(cx, cy, size, rotation)))
    assert region is not None
    assert (region.cx, region.cy) == (cx, cy)
    assert region.size == pytest.approx(size, rel=1e-6, abs=1e-6)
    turn = (region.rotation - rotation + math.pi) % (2 * math.pi) - math.pi
    assert abs(turn) * size < 1e-6
    assert -math.pi <= region.rotation < math.pi
