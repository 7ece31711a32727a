"""Scenes: the same seed gives the same pixels, bad options are refused, odd sizes are drawn."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from sidecar.mannequin.motion.choreography import MOTIONS, Motion
from sidecar.mannequin.scene import SceneOptionError, SceneOptions, Stage, scene
from tests.paths import ROOT

DIGEST = """
import hashlib
from sidecar.mannequin.scene import SceneOptions, scene
frames = scene(SceneOptions(people=2, seconds=0.2, seed=7))
print(hashlib.sha256(b"".join(image.tobytes() for image, _ in frames)).hexdigest())
"""


def test_the_same_seed_gives_the_same_pixels_in_another_process() -> None:
    other = subprocess.run(
        [sys.executable, "-c", DIGEST], cwd=ROOT, capture_output=True, text=True, check=True, timeout=50
    )
    here = hashlib.sha256(
        b"".join(image.tobytes() for image, _ in scene(SceneOptions(people=2, seconds=0.2, seed=7)))
    ).hexdigest()
    assert other.stdout.strip() == here


def test_another_seed_gives_other_pixels_and_other_joints() -> None:
    first, second = (next(iter(scene(SceneOptions(seed=seed, seconds=0.1)))) for seed in (7, 10))
    assert (first[0] != second[0]).mean() > 0.2
    assert np.abs(first[1][0].joints2d - second[1][0].joints2d).max() > 1


def test_a_frame_depends_on_its_time_alone() -> None:
    forwards, backwards = Stage(SceneOptions(seed=2)), Stage(SceneOptions(seed=2))
    early = forwards.render(0.5)[0]
    forwards.render(1.5)
    backwards.render(1.5)
    assert (backwards.render(0.5)[0] == early).all()


def test_frames_are_new_arrays_of_rgb_bytes() -> None:
    (first, _), (second, _) = list(scene(SceneOptions(seconds=2 / 30)))
    assert first.dtype == np.uint8
    assert first.shape == (360, 640, 3)
    assert first.flags.c_contiguous
    assert not np.shares_memory(first, second)


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"), [(4.0, 30.0, 120), (0.001, 30.0, 1), (1.0, 23.976, 24), (2.0, 0.5, 1)]
)
def test_the_number_of_frames_is_length_times_rate_and_at_least_one(seconds: float, fps: float, frames: int) -> None:
    assert SceneOptions(seconds=seconds, fps=fps).frames == frames


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("place", ["park", "plaza", "hall"])
def test_every_motion_is_drawn_in_every_place(motion: Motion, place: str) -> None:
    stage = Stage(SceneOptions(people=2, motion=motion, place=place, width=160, height=90))
    picture, truths = stage.render(1.0)
    assert (picture != stage.backdrop).mean() > 0.01
    assert sum(int(truth.visible.sum()) for truth in truths) > 20


@pytest.mark.parametrize(
    ("width", "height"), [(32, 32), (64, 640), (640, 64), (1280, 720)], ids=lambda side: f"{side} px"
)
def test_odd_shapes_of_pictures_are_drawn(width: int, height: int) -> None:
    picture, truths = Stage(SceneOptions(width=width, height=height, people=3)).render(0.7)
    assert picture.shape == (height, width, 3)
    assert np.isfinite([truth.joints2d for truth in truths]).all()


def test_eight_people_fit_into_a_scene() -> None:
    _, truths = Stage(SceneOptions(people=8, motion="walk", width=320, height=180)).render(0.0)
    assert [truth.id for truth in truths] == list(range(1, 9))


def test_neighbours_wear_different_shirts() -> None:
    clothes = Stage(SceneOptions(people=8, width=64, height=64)).clothes
    assert len({look.shirt for look in clothes}) == 8


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("people", 0), ("people", 9), ("seconds", 0.0), ("seconds", -1.0), ("seconds", float("nan")),
        ("seconds", float("inf")), ("seed", -1), ("fps", 0.0), ("fps", 1e9), ("fps", float("nan")),
        ("width", 641), ("width", 0), ("height", 361), ("height", 100_000), ("motion", "fly"), ("place", "moon"),
        ("yaw_deg", float("nan")), ("yaw_deg", 1e6),
    ],
)  # fmt: skip
def test_an_option_out_of_range_is_refused_by_name_and_value(option: str, value: Any) -> None:
    with pytest.raises(SceneOptionError, match=option) as refused:
        SceneOptions(**{option: value})
    assert str(value) in str(refused.value)


def test_the_options_are_these() -> None:
    names = [field.name for field in fields(SceneOptions)]
    assert names == ["people", "seconds", "seed", "motion", "fps", "width", "height", "yaw_deg", "place"]
    default = SceneOptions()
    assert (default.people, default.seconds, default.seed, default.motion, default.fps) == (1, 4.0, 7, "mix", 30.0)
    assert (default.width, default.height) == (640, 360)
