"""From people per frame to people through time: what comes out, whatever goes in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.pose.person import Person, observed
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17
from sidecar.tracking.options import AssembleOptions, Cleaning
from sidecar.video.assemble import Assembler
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import BrokenPose, frame_line
from tests.tracking.makers import make_person

FPS = 30
RAW = AssembleOptions(clean="none")
K = len(BLAZEPOSE_33.keypoints)


def assemble(
    frames: Sequence[Sequence[Person]], options: AssembleOptions = RAW, *, fps: float = FPS
) -> list[tuple[Person, ...]]:
    assembler = Assembler(options, frame_interval_s=1 / fps, skeleton=BLAZEPOSE_33)
    final: list[FramePeople] = []
    for index, people in enumerate(frames):
        final += assembler.add(FramePeople(index, index / fps, tuple(people)))
    final += assembler.finish()
    assert [frame.index for frame in final] == list(range(len(frames)))
    return [frame.people for frame in final]


def walker(frame: int, *, x: float = 50.0, y: float = 100.0, speed: float = 3.0, score: float = 0.9) -> Person:
    return replace(make_person(x + speed * frame, y, score=score), provenance=observed(score))


def walk(frames: int, *, without: Sequence[int] = (), **how: float) -> list[list[Person]]:
    return [[] if frame in without else [walker(frame, **how)] for frame in range(frames)]


def ids_of(people: Sequence[Person]) -> list[int | None]:
    return [person.id for person in people]


def place(person: Person) -> float:
    return float(person.keypoints[:, 0].mean())


def test_a_person_in_every_frame_keeps_the_numbers_and_gets_an_id() -> None:
    frames = walk(20)
    for (before,), (after,) in zip(frames, assemble(frames), strict=True):
        assert (after.id, after.provenance, after.distance, after.score) == (1, "detected", 0, 0.9)
        assert after.keypoints is before.keypoints


def test_a_gap_is_filled_by_somebody_who_moves_and_says_how_far_the_sightings_are() -> None:
    filled = assemble(walk(40, without=range(15, 20)))
    assert [ids_of(people) for people in filled] == [[1]] * 40
    gap = [people[0] for people in filled[15:20]]
    assert [(person.provenance, person.distance) for person in gap] == [("interpolated", n) for n in (1, 2, 3, 2, 1)]
    places = [place(people[0]) for people in filled]
    assert np.diff(places) == pytest.approx(3.0, abs=0.2)
    scores = [person.score for person in gap]
    assert 0.9 > scores[0] > scores[1] > scores[2] < scores[3] < scores[4] < 0.9
    assert gap[2].keypoints[:, 3].max() < gap[0].keypoints[:, 3].max() < 1
    assert gap[0].region is None
    assert gap[0].keypoints_world is not None


def test_a_longer_gap_is_predicted_and_a_still_longer_one_parts_two_people() -> None:
    def of(missing: int) -> list[tuple[Person, ...]]:
        return assemble(walk(20 + missing + 20, without=range(20, 20 + missing), speed=0))

    assert {person.provenance for people in of(29)[20:49] for person in people} == {"interpolated"}
    assert {person.provenance for people in of(40)[20:60] for person in people} == {"predicted"}
    apart = of(70)
    assert [len(people) for people in apart] == [1] * 20 + [0] * 70 + [1] * 20
    assert (ids_of(apart[0]), ids_of(apart[-1])) == ([1], [2])


def test_the_longest_gap_can_be_chosen() -> None:
    def provenances(max_gap_s: float) -> set[str]:
        options = replace(RAW, max_gap_s=max_gap_s)
        frames = assemble(walk(60, without=range(20, 32), speed=0), options)
        return {person.provenance for people in frames[20:32] for person in people}

    assert provenances(0.1) == set()
    assert provenances(0.3) == {"predicted"}
    assert provenances(0.5) == {"interpolated"}
    assert [len(people) for people in assemble(walk(30, without=[10]), replace(RAW, max_gap_s=0))] == [
        1 if frame != 10 else 0 for frame in range(30)
    ]


def test_nothing_is_extrapolated_unless_asked() -> None:
    frames = [*[[]] * 20, *walk(20), *[[]] * 20]
    assert [len(people) for people in assemble(frames)] == [0] * 20 + [1] * 20 + [0] * 20
    longer = assemble(frames, replace(RAW, extrapolate_s=0.35))
    assert [len(people) for people in longer] == [0] * 10 + [1] * 40 + [0] * 10
    before, after = longer[12][0], longer[45][0]
    assert (before.provenance, before.distance, before.id) == ("predicted", 8, 1)
    assert (after.provenance, after.distance, after.id) == ("predicted", 6, 1)
    assert place(before) < place(longer[20][0]) < place(longer[39][0]) < place(after)
    assert after.score < longer[41][0].score < 0.9


def test_ids_are_in_the_order_of_first_frames_and_nothing_early_is_lost() -> None:
    late, early = walk(60, x=400, speed=0), walk(60, x=100, speed=0, score=0.51)
    frames = [early[n] + (late[n] if n >= 1 else []) for n in range(60)]
    people = assemble(frames)
    assert ids_of(people[0]) == [1]
    assert ids_of(people[1]) == [2, 1]  # best first


def test_a_person_stays_one_across_a_seam_where_the_pose_jumps_a_little() -> None:
    frames = walk(60)
    seam = [[replace(p, keypoints=p.keypoints + np.float32(4)) for p in people] for people in frames[30:]]
    assert {person.id for people in assemble(frames[:30] + seam) for person in people} == {1}


def test_a_sighting_of_low_score_continues_a_track() -> None:
    frames = walk(20)
    frames[10] = [walker(10, score=0.2)]
    middle = assemble(frames)[10][0]
    assert (middle.id, middle.provenance, middle.distance, middle.score) == (1, "low_score", 0, 0.2)


@pytest.mark.parametrize(
    "frames",
    [
        [[walker(n, score=0.4)] for n in range(60)],
        [[walker(20)] if n == 20 else [] for n in range(60)],
        [[walker(n, score=0.6)] if n in (20, 21) else [] for n in range(60)],
    ],
    ids=["never clear", "once", "twice and hardly"],
)
def test_phantoms_are_not_reported(frames: list[list[Person]]) -> None:
    assert all(people == () for people in assemble(frames))


@pytest.mark.parametrize(
    ("frames", "there"),
    [
        ([[walker(0, score=0.5)]], [0]),
        ([[], [walker(0, score=0.6)]], [1]),
        ([*[[]] * 30, [walker(0)]], [30]),
        ([[walker(0)], *[[]] * 30], [0]),
        ([*[[]] * 30, [walker(0)], [walker(1)]], [30, 31]),
    ],
    ids=["only frame", "one of two frames", "last frame", "first frame", "last two frames"],
)
def test_who_is_cut_off_by_an_end_of_the_video_is_reported(frames: list[list[Person]], there: list[int]) -> None:
    assert [n for n, people in enumerate(assemble(frames)) if people] == there


def test_two_sightings_of_one_body_are_one_person() -> None:
    frames = [[walker(n), walker(n, x=51, score=0.7)] for n in range(20)]
    assert [ids_of(people) for people in assemble(frames)] == [[1]] * 20


@pytest.mark.parametrize("side", [2.0, 3000.0])
def test_people_of_any_size_are_kept(side: float) -> None:
    frames = [[make_person(100 + n * side / 50, 100, side=side)] for n in range(20)]
    assert [len(people) for people in assemble(frames)] == [1] * 20


def test_cleaning_takes_out_jitter_and_spikes_and_leaves_raw_values_on_request() -> None:
    rng = np.random.default_rng(3)
    frames = walk(60, speed=0)
    for (person,) in frames:
        person.keypoints[:, :2] += rng.normal(0, 0.5, (K, 2)).astype(np.float32)
    frames[30][0].keypoints[15, :2] += 40
    cleaned = assemble(frames, AssembleOptions(keep_raw=True))
    before = np.stack([people[0].keypoints for people in frames])
    after = np.stack([people[0].keypoints for people in cleaned])
    still = make_person(50, 100).keypoints
    assert (
        np.abs(after[5:-5, :, :2] - still[:, :2]).std() < 0.6 * np.delete(before[5:-5], 25, 0)[:, :, :2].std(0).mean()
    )
    assert np.abs(after[30, 15, :2] - still[15, :2]).max() < 1.5
    raw = cleaned[30][0].keypoints_raw
    assert raw is not None
    assert raw.tolist() == before[30].tolist()


def test_filled_people_have_no_raw_values() -> None:
    people = assemble(walk(30, without=[15]), AssembleOptions(keep_raw=True))
    assert people[15][0].keypoints_raw is None
    assert people[14][0].keypoints_raw is not None


def test_without_world_keypoints_there_are_none_in_filled_frames_either() -> None:
    frames = [[replace(p, keypoints_world=None) for p in people] for people in walk(30, without=[12, 13])]
    assert {person.keypoints_world is None for people in assemble(frames) for person in people} == {True}


@pytest.mark.parametrize("fps", [0.2, 5, 240])
def test_any_frame_rate_will_do(fps: float) -> None:
    frames = walk(40, speed=60 / fps if fps > 1 else 10)
    assert [ids_of(people) for people in assemble(frames, fps=fps)] == [[1]] * 40


def test_another_skeleton_will_do() -> None:
    assembler = Assembler(RAW, frame_interval_s=1 / FPS, skeleton=COCO_17)
    final: list[FramePeople] = []
    for n in range(10):
        people = () if n == 5 else (make_person(100 + n, skeleton=COCO_17),)
        final += assembler.add(FramePeople(n, n / FPS, tuple(replace(p, keypoints_world=None) for p in people)))
    final += assembler.finish()
    assert [len(frame.people) for frame in final] == [1] * 10


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_not_finite_is_refused_with_its_frame(value: float) -> None:
    broken = make_person()
    broken.keypoints[3, 1] = value
    assembler = Assembler(RAW, frame_interval_s=1 / FPS, skeleton=BLAZEPOSE_33)
    assembler.add(FramePeople(0, 0.0, ()))
    with pytest.raises(BrokenPose, match=f"frame 1: keypoints must be finite, got {value}"):
        assembler.add(FramePeople(1, 0.1, (broken,)))


@pytest.mark.parametrize(("score", "says"), [(math.nan, "nan"), (1.5, "1.5"), (-0.1, "-0.1")])
def test_a_score_that_is_none_is_refused(score: float, says: str) -> None:
    assembler = Assembler(RAW, frame_interval_s=1 / FPS, skeleton=BLAZEPOSE_33)
    with pytest.raises(BrokenPose, match=f"frame 0: score must be from 0 to 1, got {says}"):
        assembler.add(FramePeople(0, 0.0, (make_person(score=score),)))


@pytest.mark.parametrize("people", [0, 1, 3])
def test_frames_wait_for_a_bounded_time_however_long_the_video(people: int) -> None:
    assembler = Assembler(AssembleOptions(), frame_interval_s=1 / FPS, skeleton=BLAZEPOSE_33)
    rng = np.random.default_rng(4)
    given_out, most = 0, 0
    for frame in range(1500):
        crowd = [walker(frame % 200, x=100 + 200 * n, speed=0.3) for n in range(people) if rng.random() > 0.3]
        ghost = [walker(0, x=900, score=0.3)] if frame % 7 else []  # a phantom that never goes away
        given_out += len(list(assembler.add(FramePeople(frame, frame / FPS, tuple(crowd + ghost)))))
        most = max(most, frame + 1 - given_out)
    assert most <= 5 * FPS
    assert given_out + len(list(assembler.finish())) == 1500


def test_time_stamps_that_stand_still_do_not_make_frames_wait_for_ever() -> None:
    assembler = Assembler(RAW, frame_interval_s=1 / FPS, skeleton=BLAZEPOSE_33)
    given_out = sum(len(list(assembler.add(FramePeople(n, 7.0, (walker(0),))))) for n in range(600))
    assert given_out > 500


sightings = st.tuples(st.integers(0, 4), st.floats(-40, 40), st.floats(-40, 40), st.floats(0.1, 1.0))
videos = st.lists(st.lists(sightings, max_size=4), max_size=40)
choices = st.builds(
    AssembleOptions,
    clean=st.sampled_from(["hampel+smooth", "smooth", "hampel", "none"]),
    max_gap_s=st.sampled_from([0.0, 0.1, 0.3, 1.0]),
    extrapolate_s=st.sampled_from([0.0, 0.0, 0.2]),
    keep_raw=st.booleans(),
    min_score=st.sampled_from([0.1, 0.5, 0.8]),
)


def people_of(video: list[list[tuple[int, float, float, float]]]) -> list[list[Person]]:
    return [
        [replace(make_person(60.0 * spot + dx, 100 + dy, score=score), provenance=observed(score))
         for spot, dx, dy, score in frame]
        for frame in video
    ]  # fmt: skip


@given(videos, choices)
@settings(deadline=None, max_examples=150)
def test_whatever_goes_in(video: list[list[tuple[int, float, float, float]]], options: AssembleOptions) -> None:
    frames = people_of(video)
    result = assemble(frames, options)  # every frame once and in order
    seen: dict[int, list[int]] = {}
    highest = 0
    for number, people in enumerate(result):
        ids = [person.id or 0 for person in people]
        assert len(set(ids)) == len(ids)
        new = sorted(identity for identity in ids if identity not in seen)
        assert new == list(range(highest + 1, highest + 1 + len(new)))
        highest += len(new)
        for person in people:
            seen.setdefault(person.id or 0, []).append(number)
            frame_line(FramePeople(number, 0.0, (person,)), keypoints=K, keep_raw=options.keep_raw)  # finite
            assert 0 <= person.score <= 1
            assert person.keypoints[:, 3].min() >= 0
            assert person.keypoints[:, 3].max() <= 1
            assert (person.distance == 0) == (person.provenance in ("detected", "low_score"))
    for identity, numbers in seen.items():
        assert all(later == earlier + 1 for earlier, later in pairwise(numbers)), f"a gap inside of track {identity}"
        if not options.extrapolate_s:
            ends = [next(p for p in result[n] if p.id == identity) for n in (numbers[0], numbers[-1])]
            assert [person.distance for person in ends] == [0, 0]
    if options.clean == "none":
        for people, frame in zip(result, frames, strict=True):
            given_ones = [id(person.keypoints) for person in frame]
            assert all(id(person.keypoints) in given_ones for person in people if not person.distance)


@given(videos, st.sampled_from(["hampel+smooth", "none"]), st.data())
@settings(deadline=None, max_examples=60)
def test_the_same_comes_out_however_it_is_asked_for(
    video: list[list[tuple[int, float, float, float]]], clean: Cleaning, data: st.DataObject
) -> None:
    """Iterators may be read late or never: what comes out is the same, byte for byte."""
    frames = people_of(video)
    options = AssembleOptions(clean=clean)
    at_once = [
        frame_line(FramePeople(n, 0.0, people), keypoints=K) for n, people in enumerate(assemble(frames, options))
    ]
    assembler = Assembler(options, frame_interval_s=1 / FPS, skeleton=BLAZEPOSE_33)
    waiting, late = [], []
    for index, people in enumerate(frames):
        waiting.append(assembler.add(FramePeople(index, index / FPS, tuple(people))))
        if data.draw(st.booleans()):
            late += [frame for iterator in waiting for frame in iterator]
            waiting = []
    waiting.append(assembler.finish())
    late += [frame for iterator in waiting for frame in iterator]
    assert [frame_line(replace(frame, time_s=0.0), keypoints=K) for frame in late] == at_once
