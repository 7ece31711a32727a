"""Keys of tracks: kept through motion and short absence, never reused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.pose.person import Person
from sidecar.tracking.association import Linker
from tests.tracking.makers import make_person

FRAME_S = 1 / 30
MEMORY_S = 1.0


def keys_of(frames: list[list[Person]], *, frame_s: float = FRAME_S, memory_s: float = MEMORY_S) -> list[list[int]]:
    linker = Linker(torso=(11, 12, 23, 24), memory_s=memory_s, trial_s=memory_s / 2, min_score=0.5)
    linked = []
    for index, people in enumerate(frames):
        keys = linker.link(people, time_s=index * frame_s)
        linked.append([key for key in keys if key is not None])
        assert set(linked[-1]) <= linker.remembered
    return linked


def test_keys_count_from_one_in_the_order_given() -> None:
    assert keys_of([[make_person(100), make_person(300), make_person(500)]]) == [[1, 2, 3]]


def test_a_key_follows_its_person_and_not_its_place_in_the_list() -> None:
    left, right = make_person(100), make_person(300)
    assert keys_of([[left, right], [right, left]]) == [[1, 2], [2, 1]]


def test_people_who_cross_keep_their_keys() -> None:
    frames = [[make_person(100 + 8 * i, 100), make_person(420 - 8 * i, 130)] for i in range(40)]
    assert keys_of(frames) == [[1, 2]] * 40


def test_somebody_fast_and_small_keeps_the_key_without_overlap() -> None:
    frames = [[make_person(50 + 24 * i, side=25)] for i in range(10)]
    assert keys_of(frames) == [[1]] * 10


def test_a_short_absence_is_forgiven() -> None:
    frames = [[make_person(100 + 3 * i)] if not 5 <= i < 20 else [] for i in range(30)]
    assert all(keys in ([], [1]) for keys in keys_of(frames))


def test_after_a_long_absence_comes_a_new_key() -> None:
    missing = int(MEMORY_S / FRAME_S) + 2
    assert keys_of([[make_person()]] * 5 + [[]] * missing + [[make_person()]])[-1] == [2]


def test_who_was_seen_once_is_forgotten_sooner() -> None:
    missing = int(MEMORY_S / 2 / FRAME_S) + 2
    assert keys_of([[make_person()], *[[]] * missing, [make_person()]])[-1] == [2]
    assert keys_of([[make_person()]] * 5 + [[]] * missing + [[make_person()]])[-1] == [1]


def test_who_was_in_the_frame_before_is_remembered_however_slow_the_frames() -> None:
    assert keys_of([[make_person()]] * 4, frame_s=60.0) == [[1]] * 4
    assert keys_of([[make_person()]] * 4, memory_s=0.0) == [[1]] * 4
    assert keys_of([[make_person()], [], [make_person()]], memory_s=0.0) == [[1], [], [2]]


def test_somebody_far_away_is_somebody_else() -> None:
    assert keys_of([[make_person(100)], [make_person(900)]]) == [[1], [2]]


def test_somebody_of_quite_another_size_without_overlap_is_somebody_else() -> None:
    assert keys_of([[make_person(100, side=30)], [make_person(150, side=90)]]) == [[1], [2]]


def test_of_two_candidates_the_nearer_one_has_the_key() -> None:
    assert keys_of([[make_person(100)], [make_person(140), make_person(104)]]) == [[1], [2, 1]]


def test_a_newcomer_never_takes_a_key_that_was_given() -> None:
    frames = [[make_person(100)], [], [make_person(900)], [make_person(100), make_person(900)]]
    assert keys_of(frames) == [[1], [], [2], [1, 2]]


def test_a_weak_sighting_goes_on_with_a_track_that_a_strong_one_does_not_want() -> None:
    near, nearer = replace(make_person(104), score=0.9), replace(make_person(101), score=0.3)
    assert keys_of([[make_person(100)]] * 3 + [[near, nearer]])[-1][0] == 1
    assert keys_of([[make_person(100)]] * 3 + [[nearer]])[-1] == [1]


def test_a_weak_sighting_does_not_keep_a_track_alive_for_ever() -> None:
    strong, faint, weak = (replace(make_person(), score=score) for score in (0.9, 0.2, 0.4))
    frames = int(3 / FRAME_S)
    assert keys_of([[strong]] * 3 + [[faint]] * frames)[-1] != [1]
    assert keys_of([[strong]] * 3 + [[weak]] * frames)[-1] == [1]


positions = st.lists(st.tuples(st.floats(0, 640), st.floats(0, 360), st.floats(0.1, 1)), max_size=6)


@given(st.lists(positions, max_size=12))
@settings(deadline=None)
def test_within_a_frame_keys_differ_and_new_ones_grow(frames: list[list[tuple[float, float, float]]]) -> None:
    people = [[make_person(x, y, side=40, score=score) for x, y, score in frame] for frame in frames]
    found = keys_of(people)
    assert found == keys_of(people)
    highest = 0
    for keys in found:
        assert len(set(keys)) == len(keys)
        new = [key for key in keys if key > highest]
        assert new == list(range(highest + 1, highest + 1 + len(new)))
        highest += len(new)


@pytest.mark.parametrize("count", [0, 1, 8])
def test_every_person_has_a_place_in_the_answer(count: int) -> None:
    linker = Linker(torso=(0,), memory_s=1, trial_s=1, min_score=0.5)
    assert len(linker.link([make_person(100.0 * i) for i in range(count)], time_s=0)) == count
