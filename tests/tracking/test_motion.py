"""Where somebody is going."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.tracking.motion import COAST_S, Motion, coasted
from sidecar.tracking.similarity import Shapes, shapes_of
from tests.tracking.makers import make_person


def shape(x: float) -> Shapes:
    return shapes_of([make_person(x)], (11, 12, 23, 24))


def moving(speed: float, *, frames: int = 10, frame_s: float = 0.04) -> Motion:
    motion = Motion(shape(0), 0.0)
    for frame in range(1, frames):
        motion.see(shape(speed * frame * frame_s), frame * frame_s)
    return motion


def test_one_sighting_stands_still() -> None:
    assert moving(100, frames=1).shift(1.0).tolist() == [0, 0]


def test_a_steady_walk_is_expected_to_go_on_and_to_slow_down() -> None:
    motion = moving(100)
    assert motion.velocity == pytest.approx([100, 0], abs=0.1)
    assert motion.shift(motion.time_s + 0.04) == pytest.approx([4, 0], rel=0.05)
    assert motion.shift(motion.time_s + 100) == pytest.approx([100 * COAST_S, 0], rel=0.01)


def test_one_sighting_that_slipped_hardly_turns_it() -> None:
    motion = moving(100)
    motion.see(shape(100 * 0.4 - 10), 0.4)
    assert motion.velocity[0] > 70


def test_times_that_stand_still_divide_by_nothing() -> None:
    motion = Motion(shape(0), 1.0)
    motion.see(shape(50), 1.0)
    assert motion.velocity.tolist() == [0, 0]


def test_a_copy_goes_on_by_itself() -> None:
    motion = moving(100)
    copy = motion.copy()
    motion.see(shape(500), 0.44)
    assert np.allclose(copy.velocity, [100, 0], atol=0.1)
    copy.see(shape(44), 0.44)
    assert np.allclose(copy.velocity, [100, 0], atol=0.1)


def test_coasting_begins_at_full_speed() -> None:
    assert coasted(0) == 0
    assert coasted(0.01) == pytest.approx(0.01, rel=0.01)
