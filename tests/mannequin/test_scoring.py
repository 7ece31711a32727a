"""Scores of people against the truth, on cases that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sidecar.mannequin.scoring import correct_keypoints, identity_score, limb_distances, torso_px
from sidecar.mannequin.truth import TruthPerson
from sidecar.pose.person import Person
from sidecar.pose.skeleton import BLAZEPOSE_33


def truth_at(x: float, *, identity: int = 1, visible: bool = True) -> TruthPerson:
    """Somebody of 100 x 100 px whose torso is 50 px long."""
    points = np.random.default_rng(1).uniform(0, 100, (33, 2))
    points[0], points[1] = (0, 0), (100, 100)
    for name, place in (
        ("left_shoulder", (60, 20)),
        ("right_shoulder", (40, 20)),
        ("left_hip", (60, 70)),
        ("right_hip", (40, 70)),
    ):
        points[BLAZEPOSE_33.index(name)] = place
    points[:, 0] += x
    return TruthPerson(identity, points, np.zeros((33, 3)), np.full(33, visible), np.zeros(3))


def found_at(x: float, *, identity: int = 1) -> Person:
    points = truth_at(x).joints2d
    return Person(
        np.concatenate([points, np.zeros((33, 1)), np.ones((33, 1))], axis=1).astype(np.float32), 0.9, id=identity
    )


def test_who_keeps_one_id_is_right_whatever_its_number() -> None:
    score = identity_score([[found_at(0, identity=7)]] * 4, [[truth_at(0)]] * 4)
    assert (score.idf1, score.right, score.ids) == (1.0, {7: 1}, 1)


def test_a_change_of_id_halfway_costs_half() -> None:
    frames = [[found_at(0, identity=1)]] * 2 + [[found_at(0, identity=2)]] * 2
    assert identity_score(frames, [[truth_at(0)]] * 4).idf1 == pytest.approx(0.5)


def test_missing_and_superfluous_people_count() -> None:
    assert identity_score([[found_at(0)], []], [[truth_at(0)]] * 2).idf1 == pytest.approx(2 / 3)
    assert identity_score([[found_at(0), found_at(500, identity=2)]], [[truth_at(0)]]).idf1 == pytest.approx(2 / 3)
    assert identity_score([[]], [[truth_at(0)]]).idf1 == 0
    assert identity_score([[]], [[]]).idf1 == 1


@pytest.mark.parametrize(("away", "by_box", "by_place"), [(20, 1, 1), (30, 1, 0), (40, 0, 0)])
def test_who_fits_is_told_by_box_or_by_place(away: float, by_box: float, by_place: float) -> None:
    frames, truths = [[found_at(away)]], [[truth_at(0)]]
    assert identity_score(frames, truths).idf1 == by_box
    assert identity_score(frames, truths, by_place=True).idf1 == by_place


def test_who_cannot_be_seen_counts_neither_way() -> None:
    truths = [[truth_at(0)], [truth_at(0, visible=False)], [truth_at(0, visible=False)]]
    assert identity_score([[found_at(0)], [found_at(0)], []], truths, min_seen=0.5).idf1 == 1
    assert identity_score([[found_at(0)], [], []], truths).idf1 == pytest.approx(0.5)


def test_keypoints_count_within_a_fifth_of_the_torso() -> None:
    truths = [[truth_at(0)]] * 2
    assert torso_px(truths[0][0]) == pytest.approx(50)
    assert correct_keypoints([[found_at(9.9)]] * 2, truths, {1: 1}) == 1
    assert correct_keypoints([[found_at(10.1)]] * 2, truths, {1: 1}) == 0
    assert correct_keypoints([[found_at(0)], []], truths, {1: 1}) == 0.5
    assert correct_keypoints([[found_at(0)], [found_at(0)]], truths, {}) == 0


def test_hidden_joints_count_only_when_asked() -> None:
    truth = truth_at(0)
    half = replace(truth, visible=np.arange(33) % 2 == 0)
    person = found_at(0)
    person.keypoints[1::2, 0] += 50
    assert correct_keypoints([[person]], [[half]], {1: 1}) == 1
    assert correct_keypoints([[person]], [[half]], {1: 1}, hidden=True) == 0.5


def test_distances_are_in_torso_lengths() -> None:
    assert limb_distances(found_at(25).keypoints[:, :2], truth_at(0)) == pytest.approx(0.5, abs=1e-5)
