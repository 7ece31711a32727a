"""Which finder an estimator gets."""

from __future__ import annotations

import pytest

from sidecar.finding.choose import finder_for
from sidecar.finding.effort import EFFORTS, EffortName
from sidecar.finding.everybody import Everybody
from sidecar.finding.frame_by_frame import FrameByFrame
from sidecar.finding.one_person import OnePerson
from tests.finding.makers import Seeing, found
from tests.tracking.makers import ScriptedEstimator, make_person


def test_the_efforts_are_pinned() -> None:
    assert EFFORTS == ("thorough", "fast", "mediapipe")


@pytest.mark.parametrize("effort", ["thorough", "fast"])
@pytest.mark.parametrize(("boxes", "kind"), [(False, OnePerson), (True, Everybody)])
def test_who_proposes_regions_is_given_work(effort: EffortName, boxes: bool, kind: type) -> None:
    assert isinstance(finder_for(Seeing([], boxes=boxes), effort=effort, min_score=0.5), kind)


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize(("follows", "warm_up"), [(True, 16), (False, 0)])
def test_any_other_is_asked_frame_by_frame(effort: EffortName, follows: bool, warm_up: int) -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person()], follows_one_person=follows)
    finder = finder_for(estimator, effort=effort, min_score=0.5)
    assert isinstance(finder, FrameByFrame)
    assert (finder.warm_up_frames, finder.look_ahead_frames) == (warm_up, 0)
    assert [len(people) for people in found(finder, 40, start=20, stop=30)] == [1] * 10
    assert len(estimator.asked) == 10 + warm_up


def test_mediapipe_is_mediapipe_whoever_proposes() -> None:
    assert isinstance(finder_for(Seeing([]), effort="mediapipe", min_score=0.5), FrameByFrame)
