"""Motion: paths close, feet stay put, nobody sinks, jerks or walks through another."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.mannequin.body.kinematics import solve
from sidecar.mannequin.body.shape import Shape, random_shape
from sidecar.mannequin.motion.choreography import MOTIONS, Motion, cast
from sidecar.mannequin.motion.gait import Standing, walk
from sidecar.mannequin.motion.path import Rest, Track, distances
from tests.mannequin.makers import SHAPE

STEP_S = 1 / 60
FASTEST_MPS = 12.0  # a hand thrown up in a jump; a teleport is far above


def parts(motion: Motion, people: int, seed: int, *, seconds: float = 4.0):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    return cast([random_shape(rng) for _ in range(people)], motion, seconds, rng, yaw=None)


@given(st.floats(-30, 30), st.sampled_from([1.0, -1.0]))
def test_a_track_closes_and_its_heading_is_where_it_goes(distance: float, direction: float) -> None:
    track = Track(1.0, -2.0, straight=2.0, radius=0.4, direction=direction)
    x, z, heading = track.at(distance)
    assert track.at(distance + track.length)[:2] == pytest.approx((x, z), abs=1e-6)
    ahead_x, ahead_z, _ = track.at(distance + 1e-5)
    moved = np.array([ahead_x - x, ahead_z - z]) / 1e-5
    assert moved == pytest.approx(np.array([math.sin(heading), math.cos(heading)]), abs=1e-3)


def test_a_track_without_length_is_a_point() -> None:
    assert Track(0.5, 0.25).at(17.0) == (0.5, 0.25, 0.0)


def test_distance_stands_still_during_a_rest_and_only_then() -> None:
    walked = distances(4.0, 1.2, (Rest(1.0, 3.0),))
    steps = np.diff(walked)
    assert steps.min() >= 0
    assert walked[int(2.5 * 240)] == pytest.approx(walked[int(1.6 * 240)])
    assert walked[-1] > walked[int(2.9 * 240)] + 0.5


def test_a_planted_foot_does_not_slide() -> None:
    track = Track(0.0, 0.0, straight=4.0, radius=0.5)
    soles = [walk(SHAPE, track, d, Standing(1.0, 0.0)).feet[0] for d in np.arange(0, 3, 0.005)]
    planted = [math.dist(a.ground, b.ground) for a, b in itertools.pairwise(soles) if a.lift == 0.0 and b.lift == 0.0]
    assert len(planted) > 200
    assert max(planted) < 1e-9


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("people", [1, 3])
def test_nobody_sinks_into_the_ground_or_jerks(motion: Motion, people: int) -> None:
    for part in parts(motion, people, seed=11):
        frames = [solve(part.shape, part.pose(t)).points for t in np.arange(0, 4, STEP_S)]
        points = np.array(frames)
        assert points[..., 1].min() > -0.02
        assert (np.linalg.norm(np.diff(points, axis=0), axis=2) / STEP_S).max() < FASTEST_MPS


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_nobody_walks_through_another(motion: Motion, seed: int) -> None:
    cast_of_four = parts(motion, 4, seed, seconds=6.0)
    for time in np.arange(0, 6, 0.1):
        roots = [part.pose(time).root for part in cast_of_four]
        assert min(math.dist(a, b) for a, b in itertools.combinations(roots, 2)) > 0.4


def test_jumps_leave_the_ground_and_come_back() -> None:
    (part,) = parts("jump", 1, seed=5)
    heels = np.array([solve(part.shape, part.pose(t)).points[29:31, 1] for t in np.arange(0, 4, STEP_S)])
    assert heels.min() < 0.06
    assert heels.max() > 0.2


def test_waves_raise_one_wrist_above_the_head_and_not_the_other() -> None:
    (part,) = parts("wave", 1, seed=5)
    joints = solve(part.shape, part.pose(2.0))
    wrists = sorted(joints[f"{side}_wrist"][1] for side in ("left", "right"))
    assert wrists[1] > joints["nose"][1]
    assert wrists[0] < joints["left_shoulder"][1]


def test_people_who_cross_change_sides() -> None:
    first, second = parts("cross", 2, seed=5)
    gaps = [first.pose(t).root[0] - second.pose(t).root[0] for t in np.arange(0, 4, 0.05)]
    assert min(gaps) < -0.5
    assert max(gaps) > 0.5


def test_standing_people_face_where_they_are_told() -> None:
    rng = np.random.default_rng(0)
    (part,) = cast([Shape(1.75, 1.0)], "still", 2.0, rng, yaw=1.0)
    assert part.pose(1.0).heading == pytest.approx(1.0)
