"""The filters, against numbers worked out by hand and against what must hold for any input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sidecar.finding.one_euro import Exponential, OneEuro

FRAME_NS = 33_333_000


def values(*numbers: float) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)


def alpha(cutoff_hz: float, frequency_hz: float) -> float:
    return 1 / (1 + frequency_hz / (2 * math.pi * cutoff_hz))


def test_an_exponential_passes_the_first_value_and_then_mixes() -> None:
    average = Exponential()
    assert average.apply(values(1, 2), 0.1).tolist() == [1, 2]
    assert average.apply(values(2, 2), 0.1) == pytest.approx([1.1, 2])


def test_the_second_value_of_one_euro_is_what_the_formula_says() -> None:
    smooth = OneEuro(min_cutoff_hz=0.05, beta=80, derivative_cutoff_hz=1)
    first_ns, second_ns = FRAME_NS, FRAME_NS + 20_000_000
    assert smooth.apply(values(10), time_ns=first_ns, value_scale=0.01).tolist() == [10]
    speed = (13 - 10) * 0.01 * 50
    smooth_speed = alpha(1, 50) * speed  # the first speed is 0
    weight = alpha(0.05 + 80 * smooth_speed, 50)
    expected = weight * 13 + (1 - weight) * 10
    assert smooth.apply(values(13), time_ns=second_ns, value_scale=0.01) == pytest.approx([expected], rel=1e-6)


def test_speed_is_measured_between_raw_values() -> None:
    smooth = OneEuro(min_cutoff_hz=0.01, beta=10)
    for frame, value in enumerate((0, 1, 1, 1), start=1):
        result = smooth.apply(values(value), time_ns=frame * FRAME_NS)
    frequency = 1e9 / FRAME_NS
    speed, out = 0.0, 0.0
    for now, before in ((1, 0), (1, 1), (1, 1)):
        speed += alpha(1, frequency) * ((now - before) * frequency - speed)
        out += alpha(0.01 + 10 * abs(speed), frequency) * (now - out)
    assert result == pytest.approx([out], rel=1e-5)


def test_after_a_first_stamp_of_zero_the_default_rate_serves_the_second_sample() -> None:
    late, early = OneEuro(min_cutoff_hz=1, beta=0), OneEuro(min_cutoff_hz=1, beta=0)
    early.apply(values(0), time_ns=0)
    late.apply(values(0), time_ns=1)
    weight = alpha(1, 30)
    assert early.apply(values(1), time_ns=10_000_000) == pytest.approx([weight], rel=1e-6)
    assert late.apply(values(1), time_ns=10_000_001) == pytest.approx([alpha(1, 100)], rel=1e-6)


def test_a_value_that_is_not_later_passes_and_is_forgotten() -> None:
    smooth, undisturbed = OneEuro(min_cutoff_hz=0.1, beta=1), OneEuro(min_cutoff_hz=0.1, beta=1)
    for one in (smooth, undisturbed):
        one.apply(values(5), time_ns=FRAME_NS)
    assert smooth.apply(values(90), time_ns=FRAME_NS).tolist() == [90]
    assert smooth.apply(values(90), time_ns=FRAME_NS - 1).tolist() == [90]
    later = 2 * FRAME_NS
    assert smooth.apply(values(6), time_ns=later).tolist() == undisturbed.apply(values(6), time_ns=later).tolist()


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=30))
def test_results_lie_between_the_smallest_and_the_largest_input(inputs: list[float]) -> None:
    smooth = OneEuro(min_cutoff_hz=0.05, beta=80)
    outputs = [float(smooth.apply(values(x), time_ns=(i + 1) * FRAME_NS)[0]) for i, x in enumerate(inputs)]
    slack = 1e-2 + 1e-5 * max(map(abs, inputs))
    assert min(inputs) - slack <= min(outputs)
    assert max(outputs) <= max(inputs) + slack


def test_state_and_results_are_float32() -> None:
    smooth = OneEuro(min_cutoff_hz=0.05, beta=80)
    for frame in range(1, 4):
        assert smooth.apply(values(frame / 3), time_ns=frame * FRAME_NS).dtype == np.float32
