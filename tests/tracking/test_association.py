"""Ids: in order of first appearance, kept through motion and short absence, never reused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.pose.person import Person
from sidecar.tracking.association import MAX_GAP_S, Associator
from tests.tracking.makers import make_person

FRAME_S = 1 / 30


def ids_of(frames: list[list[Person]], *, frame_s: float = FRAME_S) -> list[list[int | None]]:
    associator = Associator()
    return [
        [person.id for person in associator.assign(people, time_s=index * frame_s)]
        for index, people in enumerate(frames)
    ]


def test_ids_count_from_one_in_the_order_given() -> None:
    assert ids_of([[make_person(100), make_person(300), make_person(500)]]) == [[1, 2, 3]]


def test_an_id_follows_its_person_and_not_its_place_in_the_list() -> None:
    left, right = make_person(100), make_person(300)
    assert ids_of([[left, right], [right, left]]) == [[1, 2], [2, 1]]


def test_people_who_cross_keep_their_ids() -> None:
    frames = [[make_person(100 + 8 * i, 100), make_person(420 - 8 * i, 130)] for i in range(40)]
    assert ids_of(frames) == [[1, 2]] * 40


def test_somebody_fast_and_small_keeps_the_id_without_overlap() -> None:
    frames = [[make_person(50 + 24 * i, side=25)] for i in range(10)]
    assert ids_of(frames) == [[1]] * 10


def test_a_short_absence_is_forgiven() -> None:
    frames = [[make_person(100 + 3 * i)] if not 5 <= i < 20 else [] for i in range(30)]
    assert all(ids in ([], [1]) for ids in ids_of(frames))


def test_after_a_long_absence_comes_a_new_id() -> None:
    missing = int(MAX_GAP_S / FRAME_S) + 2
    assert ids_of([[make_person()], *[[]] * missing, [make_person()]])[-1] == [2]


def test_somebody_far_away_is_somebody_else() -> None:
    assert ids_of([[make_person(100)], [make_person(900)]]) == [[1], [2]]


def test_of_two_candidates_the_nearer_one_has_the_id() -> None:
    assert ids_of([[make_person(100)], [make_person(140), make_person(104)]]) == [[1], [2, 1]]


def test_a_newcomer_never_takes_an_id_that_was_given() -> None:
    frames = [[make_person(100)], [], [make_person(900)], [make_person(100), make_person(900)]]
    assert ids_of(frames) == [[1], [], [2], [1, 2]]


def test_times_that_stand_still_do_no_harm() -> None:
    assert ids_of([[make_person(100)], [make_person(101)], [make_person(102)]], frame_s=0) == [[1], [1], [1]]


positions = st.lists(st.tuples(st.floats(0, 640), st.floats(0, 360)), max_size=6)


@given(st.lists(positions, max_size=12))
@settings(deadline=None)
def test_within_a_frame_ids_differ_and_new_ones_grow(frames: list[list[tuple[float, float]]]) -> None:
    people = [[make_person(x, y, side=40) for x, y in frame] for frame in frames]
    found = ids_of(people)
    assert found == ids_of(people)
    highest = 0
    for ids in found:
        assert len(set(ids)) == len(ids)
        new = [one for one in ids if one is not None and one > highest]
        assert new == sorted(new)
        assert new == list(range(highest + 1, highest + 1 + len(new)))
        highest += len(new)


@pytest.mark.parametrize("count", [1, 8])
def test_persons_are_not_changed_otherwise(count: int) -> None:
    people = [make_person(100.0 * i) for i in range(count)]
    for before, after in zip(people, Associator().assign(people, time_s=0), strict=True):
        assert after.keypoints is before.keypoints
        assert before.id is None
