"""Pairs with the highest total score."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sidecar.tracking.matching import match


@pytest.mark.parametrize(
    ("scores", "pairs"),
    [
        ([[0.9]], [(0, 0)]),
        ([[0.05]], []),
        ([[0.9, 0.8], [0.85, 0.1]], [(0, 1), (1, 0)]),  # the best pair alone would cost the other its only one
        ([[0.9, 0.0], [0.8, 0.0]], [(0, 0)]),
        ([[0.0, 0.0], [0.0, 0.7], [0.0, 0.0]], [(1, 1)]),
        ([[0.5, 0.6, 0.7]], [(0, 2)]),
        ([[-1.0, 0.4], [0.4, -1.0]], [(0, 1), (1, 0)]),
    ],
)
def test_pairs(scores: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    assert match(np.array(scores), minimum=0.1) == pairs


def test_a_hopeless_pair_never_costs_a_good_one() -> None:
    assert match(np.array([[0.2, 0.15], [0.19, -50.0]]), minimum=0.1) == [(0, 1), (1, 0)]


def test_where_nobody_has_a_choice_scipy_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    assert match(np.eye(4), minimum=0.5) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    with pytest.raises(ImportError):
        match(np.ones((2, 2)), minimum=0.5)
