"""Joints as lines of bounded length, and how much they tremble."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.report.lines import JointLine, Lines


def line_of(xs: list[float | None], *, raw: list[float] | None = None, bins: int | None = None) -> JointLine:
    """One joint at x (y is always 5); None is a frame without the person."""
    count = bins or len(xs)
    lines = Lines(count, ["nose"])
    for frame, x in enumerate(xs):
        if x is not None:
            before = None if raw is None else np.array([[raw[frame], 5.0]])
            lines.add(frame * count // len(xs), frame, np.array([[x, 5.0]]), before, seen=True)
    [line] = lines.finished()
    return line


def test_a_stretch_keeps_its_extremes() -> None:
    line = line_of([1, 9, 4, 2, 3, 3], bins=3)
    assert line.clean[:, 0].tolist() == [[1, 9], [2, 4], [3, 3]]
    assert line.clean[:, 1].tolist() == [[5, 5]] * 3


def test_where_the_person_is_not_there_is_no_value() -> None:
    line = line_of([1, None, 2])
    assert np.isnan(line.clean[1]).all()
    assert line.filled.tolist() == [False, False, False]


@pytest.mark.parametrize(
    ("xs", "jitter"),
    [
        ([0, 1, 2, 3], 0.0),  # steady motion
        ([0, 1, 0, 1], 2.0),
        ([0, 0, 3], 3.0),
        ([0, 9], None),
        ([0, 9, None, 0, 9, None, 4], None),  # no three in a row
        ([5, 5, 5, None, 9, 9, 9], 0.0),  # a jump over a gap is no jitter
    ],
)
def test_jitter_is_the_second_difference_of_neighbours(xs: list[float | None], jitter: float | None) -> None:
    line = line_of(xs)
    assert line.jitter_clean == jitter
    assert (line.jitter_raw, line.moved, line.raw) == (None, None, None)


def test_raw_values_have_a_jitter_of_their_own() -> None:
    line = line_of([0, 0, 0, 0], raw=[0, 4, 0, 4])
    assert (line.jitter_clean, line.jitter_raw, line.moved) == (0.0, 8.0, 2.0)
    assert line.raw is not None
    assert line.raw[:, 0, 0].tolist() == [0, 4, 0, 4]


def test_people_who_were_filled_in_count_for_the_line_only() -> None:
    lines = Lines(3, ["nose"])
    for frame, x in enumerate([0.0, 50.0, 0.0]):
        lines.add(frame, frame, np.array([[x, 0.0]]), None, seen=frame != 1)
    [line] = lines.finished()
    assert line.clean[1, 0].tolist() == [50, 50]
    assert line.filled.tolist() == [False, True, False]
    assert line.jitter_clean is None
