"""Who is believed to be a person, and who never was one."""

from __future__ import annotations

import pytest

from sidecar.tracking.trial import Trial
from tests.tracking.makers import make_person, seen

FRAME_S = 1 / 30
NEVER, FIRST, LAST = "inside", "first", "last"


def trial_of(scores: dict[int, float], *, min_score: float = 0.5) -> Trial:
    """A trial with sightings by frame."""
    trial = Trial(min_score=min_score, window_s=2.0, head_s=1.0)
    for frame, score in scores.items():
        trial.see(seen(make_person(score=score), frame))
    return trial


@pytest.mark.parametrize(
    ("scores", "passed"),
    [
        ([0.5, 0.5, 0.5], True),
        ([0.8, 0.8], True),
        ([0.6, 0.6], False),
        ([0.99], False),
        ([0.49] * 50, False),  # never clearly seen
        ([0.49] * 50 + [0.9], False),
        ([0.5, 0.3, 0.3, 0.5, 0.3, 0.5], True),
    ],
)
def test_enough_clear_sightings_make_a_person(scores: list[float], passed: bool) -> None:
    assert trial_of(dict(enumerate(scores, start=100))).passed is passed


def test_what_is_asked_for_counts() -> None:
    assert trial_of({0: 0.3, 1: 0.3, 2: 0.3}, min_score=0.3).passed
    assert not trial_of({0: 0.7, 1: 0.7, 2: 0.7}, min_score=0.9).passed


@pytest.mark.parametrize(
    ("scores", "frames", "ended", "passed"),
    [
        ({0: 0.8}, 50, False, True),  # only in the first frame
        ({0: 0.7}, 50, False, False),
        ({0: 0.8, 1: 0.75}, 50, False, True),
        ({0: 0.8, 1: 0.6}, 50, False, False),
        ({1: 0.95}, 50, False, False),
        ({49: 0.8}, 50, True, True),  # only in the last frame
        ({49: 0.7}, 50, True, False),
        ({48: 0.7, 49: 0.8}, 50, True, True),
        ({48: 0.95}, 50, True, False),
        ({30: 0.95}, 50, True, False),
        ({30: 0.95}, 50, False, False),
        ({0: 0.5}, 1, True, True),  # the only frame
        ({1: 0.5}, 2, True, True),
        ({0: 0.4}, 1, True, False),
        ({}, 1, True, False),
        ({20: 0.6, 21: 0.6, 22: 0.6}, 50, False, True),
    ],
)
def test_where_the_video_begins_or_ends_few_frames_are_enough_if_clear(
    scores: dict[int, float], frames: int, ended: bool, passed: bool
) -> None:
    assert trial_of(scores).passes_at_an_end(frames=frames, ended=ended) is passed


def test_what_was_too_long_ago_is_forgotten() -> None:
    trial = trial_of({0: 0.6, 1: 0.6, 70: 0.6})
    trial.forget(frame=70, time_s=70 * FRAME_S)
    assert not trial.passed
    assert trial.first_time_s == pytest.approx(70 * FRAME_S)


def test_of_slow_frames_the_last_few_are_not_forgotten() -> None:
    trial = Trial(min_score=0.5, window_s=2.0, head_s=1.0)
    for frame in range(3):
        trial.see(seen(make_person(score=0.6), frame, frame_s=10.0))
        trial.forget(frame=frame, time_s=frame * 10.0)
    assert trial.passed


def test_a_persons_sightings_begin_shortly_before_the_first_clear_one() -> None:
    trial = trial_of(dict.fromkeys(range(45), 0.3) | dict.fromkeys(range(45, 48), 0.9))
    frames = [sighting.frame for sighting in trial.sightings()]
    assert frames == list(range(15, 48))


def test_an_empty_trial_is_nobody() -> None:
    trial = trial_of({})
    assert trial.first_time_s is None
    assert not trial.passed
