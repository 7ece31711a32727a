"""One person through the filters of video mode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sidecar.finding.pose_filter import PoseFilter
from tests.tracking.makers import make_person, moved

FRAME_NS = 33_333_000


def test_the_first_person_passes_unchanged() -> None:
    person = make_person()
    smooth = PoseFilter().apply(person, time_ns=FRAME_NS)
    np.testing.assert_array_equal(smooth.keypoints, person.keypoints)
    assert smooth.region is not None
    assert person.region is not None
    assert smooth.region.size == pytest.approx(person.region.size, rel=1e-6)
    assert (smooth.score, smooth.provenance) == (person.score, person.provenance)


def test_visibility_follows_with_a_tenth_and_positions_much_faster() -> None:
    pose_filter, person = PoseFilter(), make_person()
    pose_filter.apply(person, time_ns=FRAME_NS)
    hidden = moved(person, 30)
    hidden = replace(hidden, keypoints=hidden.keypoints * np.array([1, 1, 1, 0], np.float32))
    smooth = pose_filter.apply(hidden, time_ns=2 * FRAME_NS)
    assert smooth.keypoints[:, 3] == pytest.approx(0.9)
    share = (smooth.keypoints[:, 0] - person.keypoints[:, 0]) / 30
    assert (share > 0.5).all()
    assert (share < 1).all()


def test_jitter_is_damped_and_the_input_is_left_alone() -> None:
    pose_filter, still = PoseFilter(), make_person()
    noise = np.random.default_rng(3)
    raw, smooth = [], []
    for frame in range(1, 60):
        shaken = moved(still, noise.normal(0, 0.05), noise.normal(0, 0.05))
        before = shaken.keypoints.copy()
        smooth.append(pose_filter.apply(shaken, time_ns=frame * FRAME_NS).keypoints[0, 0])
        raw.append(shaken.keypoints[0, 0])
        np.testing.assert_array_equal(shaken.keypoints, before)
    assert np.diff(smooth[10:]).std() < np.diff(raw[10:]).std() / 2


def test_a_person_without_world_keypoints_stays_without() -> None:
    flat = replace(make_person(), keypoints_world=None)
    assert PoseFilter().apply(flat, time_ns=FRAME_NS).keypoints_world is None
