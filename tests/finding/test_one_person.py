"""One person through a segment: followed, lost, found again, and looked for backward in time."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.estimators.protocol import Cancelled
from sidecar.finding.effort import FAST, THOROUGH
from sidecar.finding.one_person import OnePerson
from sidecar.finding.passes import LOOK_AHEAD_FRAMES, WARM_UP_FRAMES
from tests.finding.makers import Being, Seeing, found, places, sightings

GOOD = 0.95


def finder(estimator: Seeing, *, effort: object = THOROUGH, min_score: float = 0.5) -> OnePerson:
    return OnePerson(estimator, effort, min_score=min_score)  # type: ignore[arg-type]


def walking(frames: int, *, score: float = GOOD, speed: float = 3.0) -> list[list[Being]]:
    """Somebody who walks to the right."""
    return [[(60 + speed * index, 90.0, score)] for index in range(frames)]


def test_a_person_in_sight_costs_about_one_look_a_frame() -> None:
    estimator = Seeing(walking(60))
    people = found(finder(estimator), 60)
    assert places(people) == [[60 + 3 * index] for index in range(60)]
    assert len(estimator.reads) <= 60 + 8
    assert len(estimator.windows) <= 60 / THOROUGH.check_every + 3


def test_people_come_as_they_were_read() -> None:
    person = found(finder(Seeing(walking(3))), 3)[2][0]
    assert (person.id, person.region_index, person.provenance) == (None, None, "detected")


def test_whoever_the_detector_sees_late_is_followed_back_to_the_first_frame() -> None:
    people = found(finder(Seeing(walking(40), detects=lambda index: index >= 30)), 40)
    assert places(people) == [[60 + 3 * index] for index in range(40)]


def test_a_gap_is_searched_from_both_sides_and_stays_where_nobody_is() -> None:
    frames = walking(40)
    for index in range(15, 20):
        frames[index] = []
    people = found(finder(Seeing(frames)), 40)
    assert [index for index in range(40) if not people[index]] == list(range(15, 20))


def test_a_weak_pose_between_good_ones_is_reported_as_weak() -> None:
    frames = walking(20)
    frames[10] = [(90.0, 90.0, 0.35)]
    person = found(finder(Seeing(frames)), 20)[10][0]
    assert person.score == pytest.approx(0.35)
    assert person.provenance == "low_score"


def test_who_is_weak_everywhere_is_nobody() -> None:
    assert places(found(finder(Seeing(walking(20, score=0.4))), 20)) == [[]] * 20


def test_a_person_must_score_enough_once() -> None:
    assert places(found(finder(Seeing(walking(20, score=0.8)), min_score=0.9), 20)) == [[]] * 20
    once = walking(20, score=0.8)
    once[7] = [(81.0, 90.0, 0.92)]
    assert all(found(finder(Seeing(once), min_score=0.9), 20))


def test_the_frames_before_a_segment_are_looked_at_only_when_it_begins_in_doubt() -> None:
    calm = Seeing(walking(60))
    found(finder(calm), 60, start=30, stop=50)
    assert min(index for index, _ in calm.reads) == 30
    hidden = Seeing(walking(60), detects=lambda index: index < 28)
    assert places(found(finder(hidden), 60, start=30, stop=50)) == [[60 + 3 * index] for index in range(30, 50)]
    assert min(index for index, _ in hidden.reads) >= 30 - WARM_UP_FRAMES


def test_an_empty_video_costs_little() -> None:
    estimator = Seeing([[] for _ in range(60)])
    assert places(found(finder(estimator), 60)) == [[]] * 60
    assert not estimator.reads
    assert len(estimator.windows) <= 60 * THOROUGH.allowance + THOROUGH.savings + THOROUGH.second_savings


@pytest.mark.parametrize("effort", [FAST, THOROUGH])
def test_whoever_is_lost_is_searched_for_where_proposals_may_be_looked_at_too(effort: object) -> None:
    tree = (240.0, 90.0, 0.5)  # the detector believes in it, the landmarks hardly
    frames = [*walking(10), *[[tree]] * 90]
    estimator = Seeing(frames)
    found(finder(estimator, effort=effort), 100)
    searched = {index for index, _ in estimator.windows if index > 20}
    assert len(searched) >= 20
    assert searched <= {index for index, _ in estimator.reads}


def test_a_cut_to_another_place_is_followed_there() -> None:
    frames: list[list[Being]] = [[(60.0, 90.0, GOOD)]] * 20 + [[(250.0, 90.0, GOOD)]] * 20
    assert places(found(finder(Seeing(frames)), 40)) == [[60]] * 20 + [[250]] * 20


def test_nobody_is_followed_across_a_cut() -> None:
    estimator = Seeing([[(60.0, 90.0, GOOD)]] * 10)
    frames = list(sightings(0, 10))
    noise = np.random.default_rng(3)
    for index, frame in enumerate(frames):
        if index in (0, 5):
            scene = noise.integers(0, 255, (6, 10, 3), dtype=np.uint8).repeat(30, axis=0).repeat(32, axis=1)
        frame.image[1:] = scene[1:]
    list(finder(estimator).find(frames, start=0, stop=10))
    assert 5 in [index for index, _ in estimator.windows], "looked for afresh"


def test_a_second_person_does_not_draw_attention_from_the_first() -> None:
    frames: list[list[Being]] = [[(60.0, 90.0, 0.9), (240.0, 90.0, GOOD)]] * 40
    assert {tuple(place) for place in places(found(finder(Seeing(frames)), 40))} in ({(60,)}, {(240,)})


def test_the_frames_after_the_segment_are_read_only_when_somebody_is_lost() -> None:
    frames = walking(50)
    calm = Seeing(frames)
    assert len(found(finder(calm), 50, start=0, stop=30)) == 30
    assert max(index for index, _ in calm.reads) < 30
    for index in range(27, 33):
        frames[index] = [] if index < 29 else frames[index]
    hidden = Seeing(frames, detects=lambda index: index < 27 or index > 32)
    people = found(finder(hidden), 50, start=0, stop=30)
    assert people[29], "found in the frame after, and followed back"
    assert max(index for index, _ in hidden.reads) < 30 + LOOK_AHEAD_FRAMES


def test_a_segment_in_the_middle_answers_for_its_own_frames() -> None:
    assert places(found(finder(Seeing(walking(60))), 60, start=33, stop=50)) == [[60 + 3 * i] for i in range(33, 50)]


def test_the_last_segment_may_be_shorter_than_asked() -> None:
    assert len(found(finder(Seeing(walking(10))), 10, start=0, stop=64)) == 10


def test_one_frame_is_enough() -> None:
    assert places(found(finder(Seeing(walking(1))), 1)) == [[60]]


def test_no_frames_no_entries() -> None:
    assert found(finder(Seeing([])), 0, start=0, stop=64) == []


def test_twice_the_same_answer() -> None:
    frames = walking(40)
    frames[12:18] = [[]] * 6
    once, twice = (found(finder(Seeing(frames)), 40) for _ in range(2))
    assert [[p.keypoints.tobytes() for p in people] for people in once] == [
        [p.keypoints.tobytes() for p in people] for people in twice
    ]


def test_fast_spends_less_when_it_is_hard() -> None:
    frames = [[(60.0 + 3 * index, 90.0, 0.55)] for index in range(60)]
    looks = []
    for effort in (FAST, THOROUGH):
        estimator = Seeing(frames)
        found(finder(estimator, effort=effort), 60)
        looks.append(len(estimator.reads) + len(estimator.windows))
    assert looks[0] < looks[1]
    assert looks[0] <= 60 * FAST.allowance + FAST.savings + FAST.second_savings + 60


def test_a_cancelled_search_stops() -> None:
    class Cancel:
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    cancelled = OnePerson(Seeing(walking(5)), THOROUGH, min_score=0.5, cancel=Cancel())
    with pytest.raises(Cancelled):
        found(cancelled, 5)
