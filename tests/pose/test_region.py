from __future__ import annotations

import math

import pytest

from sidecar.pose.region import Region


@pytest.mark.parametrize(
    ("numbers", "what"),
    [
        ((0.0, 0.0, 0.0, 0.0), "no size"),
        ((0.0, 0.0, -1.0, 0.0), "negative size"),
        ((0.0, 0.0, math.nan, 0.0), "size is not a number"),
        ((0.0, 0.0, math.inf, 0.0), "endless size"),
        ((math.nan, 0.0, 1.0, 0.0), "centre is not a number"),
        ((0.0, -math.inf, 1.0, 0.0), "endless centre"),
        ((0.0, 0.0, 1.0, math.nan), "rotation is not a number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_region_that_is_no_square_is_refused(numbers: tuple[float, float, float, float], what: str) -> None:
    with pytest.raises(ValueError, match=r"finite numbers and a size > 0, got Region\("):
        Region(*numbers)


def test_a_region_may_lie_outside_the_image() -> None:
    assert Region(-1e6, 5.0, 0.001).rotation == 0.0
