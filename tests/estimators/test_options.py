from __future__ import annotations

from typing import Any

import pytest

from sidecar.estimators.options import read_choice, read_int, reject_unknown
from sidecar.estimators.protocol import OptionError


@pytest.mark.parametrize(("value", "expected"), [(3, 3), ("3", 3), ("03", 3), (0, 0), ("10", 10)])
def test_whole_numbers_arrive_typed_or_as_text(value: Any, expected: int) -> None:
    assert read_int({"n": value}, "n", low=0, high=10, default=5) == expected


@pytest.mark.parametrize(
    "value",
    [-1, 11, "11", "-1", "3.0", 3.0, True, None, "", " 3", "3" * 5000, "three", [3], "²"],
    ids=lambda v: repr(v)[:12],
)
def test_other_values_are_refused_by_name(value: Any) -> None:
    with pytest.raises(OptionError, match="option n must be a whole number from 0 to 10, got"):
        read_int({"n": value}, "n", low=0, high=10, default=5)


@pytest.mark.parametrize("value", ["B", "", None, 1, ["a"]], ids=repr)
def test_a_choice_outside_the_list_is_refused_with_the_list(value: Any) -> None:
    with pytest.raises(OptionError, match="option mode must be one of a, b, got"):
        read_choice({"mode": value}, "mode", choices=("a", "b"), default="a")


def test_what_is_not_given_takes_its_default() -> None:
    assert read_int({}, "n", low=0, high=10, default=5) == 5
    assert read_choice({}, "mode", choices=("a", "b"), default="b") == "b"


def test_an_unknown_option_is_named_beside_the_known_ones() -> None:
    with pytest.raises(OptionError, match="unknown option 'recrop'; known: detector, recrops"):
        reject_unknown({"recrop": 1}, known=("recrops", "detector"))
