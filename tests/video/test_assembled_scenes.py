"""Assembled scenes against their truth: who is who, how good filled joints are, how much smoothing takes out.

The scenes are mannequins as a flawed estimator sees them (tests/tracking/observer.py): with noise, missing frames,
sightings of low score, duplicates, poses that slip onto whoever stands in front, phantoms.
"""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.mannequin.motion.choreography import Motion
from sidecar.mannequin.scoring import correct_keypoints, identity_score, limb_distances
from sidecar.pose.person import Person
from sidecar.tracking.options import AssembleOptions, Cleaning
from tests.tracking.observer import PERFECT, Flaws, assemble, observe, person_from, truths_of

SEEN = 1 / 3  # share of limb joints in sight, from which somebody counts


@pytest.mark.parametrize("seed", [20, 21, 22])
@pytest.mark.parametrize("people", [2, 3, 4])
@pytest.mark.parametrize("motion", ["cross", "walk"])
def test_people_who_cross_and_hide_each_other_keep_their_ids(motion: Motion, people: int, seed: int) -> None:
    truths = truths_of(people=people, motion=motion, seed=seed)
    found = assemble(observe(truths, Flaws(), seed=seed))
    score = identity_score(found, truths, min_seen=SEEN)
    assert score.ids == people
    assert score.idf1 >= 0.95
    assert correct_keypoints(found, truths, score.right) >= 0.85


def test_perfect_sightings_come_out_as_they_are() -> None:
    truths = truths_of(people=3, motion="walk", seed=5)
    found = assemble(observe(truths, PERFECT), AssembleOptions(clean="none"))
    assert identity_score(found, truths).idf1 == 1
    assert {person.provenance for people in found for person in people} == {"detected"}


@pytest.mark.parametrize("gap", [1, 3, 6, 10, 15, 25])
def test_filled_joints_are_twice_as_near_to_the_truth_as_the_last_pose_repeated(gap: int) -> None:
    filled, repeated = [], []
    for motion in ("walk", "wave", "jump", "cross"):
        truths = truths_of(motion=motion, seed=7)
        sightings = observe(truths, Flaws(0.02, 0, 0, 0, 0, 0))
        for start in range(15, len(truths) - gap - 15, gap + 17):
            frames = [[] if start <= n < start + gap else people for n, people in enumerate(sightings)]
            found = assemble(frames)
            for number in range(start, start + gap):
                (person,) = found[number]
                assert person.provenance == "interpolated"
                filled.append(limb_distances(person.keypoints[:, :2], truths[number][0]).mean())
                last = sightings[start - 1][0].keypoints[:, :2]
                repeated.append(limb_distances(last, truths[number][0]).mean())
    assert np.mean(repeated) >= 2 * np.mean(filled)


def jitter(frames: list[tuple[Person, ...]]) -> float:
    """Mean second difference of the keypoints, px per frame^2."""
    track = np.stack([people[0].keypoints[:, :2] for people in frames]).astype(np.float64)
    return float(np.linalg.norm(np.diff(track, 2, axis=0), axis=2).mean())


def test_smoothing_stills_who_stands_still() -> None:
    sightings = observe(truths_of(motion="still", seed=4), Flaws(0.02, 0, 0, 0, 0, 0))
    raw, smooth = (assemble(sightings, AssembleOptions(clean=clean)) for clean in ("none", "hampel+smooth"))
    assert jitter(smooth) < jitter(raw) / 6


def test_smoothing_does_not_lag_behind_who_moves() -> None:
    """The shift in time at which the smoothed track fits the truth best is none."""
    truths = truths_of(motion="jump", seed=4)
    found = assemble(observe(truths, PERFECT), AssembleOptions(clean="smooth"))
    track = np.stack([people[0].keypoints[:, :2] for people in found])[20:-20]
    errors = {}
    for shift in range(-5, 6):
        there = np.stack([frame[0].joints2d for frame in truths])[20 + shift : len(truths) - 20 + shift]
        errors[shift] = float(np.abs(track - there).mean())
    assert min(errors, key=errors.__getitem__) == 0
    assert errors[0] < 0.2 * errors[1]


@pytest.mark.parametrize("clean", ["hampel+smooth", "smooth", "hampel"])
@pytest.mark.parametrize("motion", ["walk", "jump", "wave"])
def test_cleaning_costs_no_correct_keypoint(motion: Motion, clean: Cleaning) -> None:
    truths = truths_of(motion=motion, seed=8)
    sightings = observe(truths, Flaws(noise=0.08, spikes=0.02, missing=0, weak=0, twice=0, phantoms=0))
    raw = assemble(sightings, AssembleOptions(clean="none"))
    cleaned = assemble(sightings, AssembleOptions(clean=clean))
    assert correct_keypoints(cleaned, truths, {1: 1}) > correct_keypoints(raw, truths, {1: 1})


def test_a_hundred_people_are_a_hundred_people() -> None:
    truths = truths_of(motion="walk", seconds=2.0, seed=2)
    crowd = [
        [person_from(frame[0])] + [_aside(person_from(frame[0]), 300.0 * n) for n in range(1, 100)] for frame in truths
    ]
    found = assemble(crowd)
    assert [len(people) for people in found] == [100] * len(truths)
    assert {person.id for people in found for person in people} == set(range(1, 101))


def _aside(person: Person, x: float) -> Person:
    person.keypoints[:, 0] += np.float32(x)
    return person
