"""Bars of the stages."""

from __future__ import annotations

import pytest

from sidecar.report.stages import MAX_STAGES, stages
from tests.report.makers import Elements


def test_every_stage_has_a_bar_against_the_longest() -> None:
    bars = stages({"decode": 1.0, "infer": 4.0, "total": 2.0}, 100)
    assert bars is not None
    elements = Elements(bars)
    widths = [one["style"] for one in elements.named("i")]
    assert widths == ["width:25.00%", "width:100.00%", "width:50.00%"]
    assert "40.0 ms a frame" in elements.text


@pytest.mark.parametrize(
    "seconds", [{}, {"total": 1.0}, {"a": "b"}, {"a": None}, {"a": -1.0}, {"a": True}, {"a": 1e300}, {"a": [1]}]
)
def test_without_stages_there_are_no_bars(seconds: dict[str, object]) -> None:
    assert stages(seconds, 10) is None


def test_stages_are_bounded_and_may_take_no_time() -> None:
    bars = stages({f"stage {number}": 0.0 for number in range(100)}, 0)
    assert bars is not None
    assert len(Elements(bars).named("i")) == MAX_STAGES
