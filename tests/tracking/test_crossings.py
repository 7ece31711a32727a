"""When a crossing begins, who belongs to it, when it is over."""

from __future__ import annotations

from sidecar.tracking.crossings import ABSENT_S, Crossings
from sidecar.tracking.motion import Motion
from sidecar.tracking.recent import Recent
from sidecar.tracking.similarity import shapes_of
from tests.tracking.makers import make_person, seen

TORSO = (11, 12, 23, 24)
FRAME_S = 1 / 30
NOW = 30


def known(*keys: int, until: int = NOW) -> dict[int, Recent]:
    """Tracks seen in every frame so far."""
    recents = {}
    for key in keys:
        recents[key] = Recent()
        for frame in range(until):
            recents[key].see(seen(make_person(100.0 * key), frame))
            recents[key].release(now_s=frame * FRAME_S)
    return recents


def motions(*keys: int) -> dict[int, Motion]:
    return {key: Motion(shapes_of([make_person(100.0 * key)], TORSO), 0.0) for key in keys}


def crossings() -> Crossings:
    return Crossings(longest_s=2.0, torso=TORSO)


def test_a_crossing_holds_its_people_and_nobody_else() -> None:
    all_ = crossings()
    assert not all_.any
    all_.begin(1, [2], known(1, 2, 3), motions(1, 2), now_s=1.0)
    assert [all_.holds(key) for key in (1, 2, 3)] == [True, True, False]


def test_crossings_that_share_somebody_are_one() -> None:
    all_, recents = crossings(), known(1, 2, 3)
    all_.begin(1, [2], recents, motions(1, 2), now_s=1.0)
    all_.begin(3, [2], recents, motions(2, 3), now_s=1.5)
    (crossing,) = all_.all()
    assert (set(crossing.before), crossing.lost, crossing.started_s) == ({1, 2, 3}, {1, 3}, 1.0)


def test_who_has_no_course_yet_crosses_nobody() -> None:
    all_ = crossings()
    all_.begin(1, [2], known(1) | {2: Recent()}, motions(1, 2), now_s=1.0)
    all_.begin(4, [1], known(1) | {4: Recent()}, motions(1, 4), now_s=1.0)
    assert not all_.any


def test_it_is_over_when_everybody_is_back() -> None:
    all_, recents = crossings(), known(1, 2)
    going_on = []
    for frame in range(NOW, NOW + 20):
        recents[2].see(seen(make_person(200), frame))
        if frame < NOW + 8:
            all_.begin(1, [2], recents, motions(1, 2), now_s=frame * FRAME_S)
        else:
            recents[1].see(seen(make_person(100), frame))
        all_.over(recents, [], frame=frame, now_s=frame * FRAME_S)
        going_on.append(all_.any)
    assert going_on[4:11] == [True] * 7
    assert going_on[-5:] == [False] * 5


def test_it_is_over_when_somebody_never_comes_back_or_it_takes_too_long() -> None:
    for ended, now_s in (([1], 1.1), ([], 3.1)):
        all_, recents = crossings(), known(1, 2)
        all_.begin(1, [2], recents, motions(1, 2), now_s=1.0)
        assert all_.over(recents, [], frame=33, now_s=1.1) == []
        assert len(all_.over(recents, ended, frame=33, now_s=now_s)) == 1


LOST_FRAMES = 8  # after so many it is clear that somebody is not just missed


def decided_while_one_stays_away(*others: float, seconds: float) -> list[set[int]]:
    """Who was decided about, when 1 is lost near people at these places and they are seen for so long after."""
    places = dict(enumerate(others, start=2))
    all_, recents = crossings(), known(1, *places)
    decided = []
    for frame in range(NOW, NOW + round(seconds / FRAME_S)):
        for key, x in places.items():
            recents[key].see(seen(make_person(x), frame))
        all_.begin(1, list(places), recents, motions(1, *places), now_s=frame * FRAME_S)
        over = all_.over(recents, [], frame=frame, now_s=frame * FRAME_S)
        decided += [set(crossing.before) for crossing in over if frame >= NOW + LOST_FRAMES]
    return decided


def test_several_who_are_back_do_not_wait_long_for_one_who_stays_away() -> None:
    assert decided_while_one_stays_away(200, 300, seconds=ABSENT_S - 0.1) == []
    assert decided_while_one_stays_away(200, 300, seconds=ABSENT_S + 0.1)[0] == {2, 3}


def test_but_they_do_while_they_touch() -> None:
    assert decided_while_one_stays_away(200, 230, seconds=ABSENT_S + 0.3) == []


def test_one_who_is_back_waits_for_the_other() -> None:
    assert decided_while_one_stays_away(200, seconds=ABSENT_S + 0.3) == []
