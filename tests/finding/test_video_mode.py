"""Where the next frame is looked at, and what happens when somebody is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.finding.video_mode import EveryFrame, RegionTracker
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from tests.tracking.makers import BLACK, ScriptedEstimator, make_person

FRAME_NS = 33_333_000


def run(estimator: ScriptedEstimator, frames: int, *, min_score: float = 0.5) -> list[list[Person]]:
    tracker = RegionTracker(estimator, min_score=min_score)
    return [tracker.find(BLACK, time_ns=frame * FRAME_NS) for frame in range(1, frames + 1)]


def test_the_detector_rests_while_a_region_is_known() -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person()])
    found = run(estimator, 3)
    assert estimator.asked[0] is None
    for asked, before in zip(estimator.asked[1:], found, strict=False):
        assert asked == [before[0].region]


def test_a_loss_costs_one_frame_and_then_the_detector_looks() -> None:
    estimator = ScriptedEstimator(lambda call, regions: [] if call == 2 else [make_person()])
    found = run(estimator, 5)
    assert [len(people) for people in found] == [1, 1, 0, 1, 1]
    assert [asked is None for asked in estimator.asked] == [True, False, False, True, False]


def test_filters_start_afresh_after_a_loss() -> None:
    def answer(call: int, regions: Sequence[Region] | None) -> list[Person]:
        return [] if call == 2 else [make_person(100.0 if call < 2 else 500.0)]

    again = run(ScriptedEstimator(answer), 4)[3][0]
    assert again.keypoints.tolist() == make_person(500.0).keypoints.tolist()


def test_people_come_smoothed() -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person(100.0 + 0.01 * call)])
    found = run(estimator, 2)
    x = float(found[1][0].keypoints[0, 0])
    assert make_person(100.0).keypoints[0, 0] < x < make_person(100.01).keypoints[0, 0]


def test_a_person_without_a_region_is_looked_for_again() -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person(region=False)])
    assert [len(people) for people in run(estimator, 3)] == [1, 1, 1]
    assert estimator.asked == [None, None, None]


def test_only_one_person_is_followed() -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person(), make_person(300)])
    assert [len(people) for people in run(estimator, 2)] == [1, 1]


def test_the_threshold_reaches_the_estimator() -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person()])
    run(estimator, 2, min_score=0.3)
    assert estimator.min_scores == [0.3, 0.3]


def test_every_frame_asks_without_regions_and_returns_everybodys_own_keypoints() -> None:
    people = [make_person(), make_person(300)]
    estimator = ScriptedEstimator(lambda call, regions: people, follows_one_person=False)
    finder = EveryFrame(estimator, min_score=0.5)
    for frame in (1, 2):
        found = finder.find(BLACK, time_ns=FRAME_NS * frame)
        assert [one.keypoints for one in found] == [one.keypoints for one in people], "the very same arrays"
    assert estimator.asked == [None, None]


def test_everybody_in_every_frame_has_colours() -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person(20), make_person(40, region=False)])
    people = EveryFrame(estimator, min_score=0.5).find(BLACK, time_ns=FRAME_NS)
    assert [one.colours.tolist() for one in people if one.colours is not None] == [[[0.0] * 3] * 7] * 2


@pytest.mark.parametrize("keypoints", [np.full((33, 4), np.nan, np.float32), np.ones((5, 4), np.float32)])
def test_broken_numbers_come_through_for_whoever_checks_them(keypoints: NDArray[np.float32]) -> None:
    broken = replace(make_person(), keypoints=keypoints)
    estimator = ScriptedEstimator(lambda call, regions: [broken], follows_one_person=False)
    assert EveryFrame(estimator, min_score=0.5).find(BLACK, time_ns=FRAME_NS) == [broken]
