"""Choices about tracks are checked once."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.tracking.options import AssembleOptionError, AssembleOptions


def test_defaults_are_pinned() -> None:
    options = AssembleOptions()
    assert options.plain() == {"clean": "hampel+smooth", "max_gap_s": 1.0, "extrapolate_s": 0.0, "keep_raw": False}
    assert options.min_score == 0.5


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"clean": "strong"}, "clean must be one of hampel\\+smooth, smooth, hampel, none, got 'strong'"),
        ({"clean": None}, "clean must be one of .*, got None"),
        ({"max_gap_s": -0.1}, "max_gap_s must be a number from 0 to 10, got -0.1"),
        ({"max_gap_s": 10.5}, "max_gap_s must be a number from 0 to 10, got 10.5"),
        ({"max_gap_s": float("nan")}, "max_gap_s must be a number from 0 to 10, got nan"),
        ({"max_gap_s": "1"}, "max_gap_s must be a number from 0 to 10, got '1'"),
        ({"extrapolate_s": float("inf")}, "extrapolate_s must be a number from 0 to 10, got inf"),
        ({"extrapolate_s": True}, "extrapolate_s must be a number from 0 to 10, got True"),
        ({"keep_raw": 1}, "keep_raw must be true or false, got 1"),
        ({"min_score": 1.01}, "min_score must be a number from 0 to 1, got 1.01"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name_and_value(given: dict[str, Any], says: str) -> None:
    with pytest.raises(AssembleOptionError, match=says):
        AssembleOptions(**given)


def test_whole_numbers_are_the_same_choice_as_their_fractions() -> None:
    assert AssembleOptions(max_gap_s=2).plain() == AssembleOptions(max_gap_s=2.0).plain()
    assert type(AssembleOptions(max_gap_s=2).plain()["max_gap_s"]) is float
