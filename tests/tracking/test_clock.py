"""A clock for frames that only goes forward."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.tracking.clock import FrameClock


def times_of(stamps: list[float]) -> list[float]:
    clock = FrameClock(0.04)
    numbers = [clock.add(stamp) for stamp in stamps]
    assert numbers == list(range(len(stamps)))
    return [clock.time_s(number) for number in numbers]


@pytest.mark.parametrize(
    ("stamps", "times"),
    [
        ([5.0, 5.1, 5.3], [0, 0.1, 0.3]),
        ([0.0, 0.0, 0.0], [0, 0.04, 0.08]),
        ([0.0, 0.1, 0.05, 0.2], [0, 0.1, 0.14, 0.29]),
        ([9.0, 0.0, 0.04], [0, 0.04, 0.08]),
        ([0.0, float("nan"), 0.1], [0, 0.04, 0.08]),
    ],
)
def test_stamps_that_do_not_grow_count_as_one_interval(stamps: list[float], times: list[float]) -> None:
    assert times_of(stamps) == pytest.approx(times)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_times_grow_whatever_the_stamps(stamps: list[float]) -> None:
    times = times_of(stamps)
    assert all(later >= earlier for earlier, later in pairwise(times))


def test_frames_that_are_final_are_forgotten() -> None:
    clock = FrameClock(0.04)
    for stamp in (0.0, 0.1, 0.2):
        clock.add(stamp)
    clock.forget_first()
    assert (clock.first, clock.stop) == (1, 3)
    assert clock.time_s(1) == pytest.approx(0.1)
    assert clock.add(0.3) == 3
