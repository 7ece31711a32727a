"""Overlays: what is drawn tells who, which side, how sure, from where; and nothing makes it fall over."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sidecar.overlay.draw import OverlayError, draw_people
from sidecar.overlay.palette import identity_colour, side_colour
from sidecar.pose.person import Person, Provenance
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17, Skeleton
from tests.overlay.makers import changed, make_person, make_picture, with_points

PROVENANCES: tuple[Provenance, ...] = ("detected", "low_score", "interpolated", "predicted")
BONE = Skeleton("bone", ("left_hip", "left_knee"), ((0, 1),), has_z=False, has_world=False)


def make_bone(
    *, start: tuple[float, float] = (40, 120), end: tuple[float, float] = (280, 120), **options: Any
) -> Person:
    return with_points(make_person(skeleton=BONE, **options), {0: start, 1: end})


def test_nobody_leaves_the_picture_as_it_is_in_a_copy() -> None:
    picture = make_picture()
    drawn = draw_people(picture, [], BLAZEPOSE_33)
    assert (drawn == picture).all()
    assert not np.shares_memory(drawn, picture)


def test_the_picture_given_is_not_touched_even_where_it_is_read_only() -> None:
    picture = make_picture()
    picture.flags.writeable = False
    drawn = draw_people(picture, [make_person(visibility=0.3)], BLAZEPOSE_33)
    assert (picture == 128).all()
    assert (drawn != 128).any()


def test_a_view_that_is_not_contiguous_is_drawn_like_a_copy_of_it() -> None:
    wide = make_picture(width=640)
    view = wide[:, ::2]
    assert (
        draw_people(view, [make_person()], BLAZEPOSE_33) == draw_people(view.copy(), [make_person()], BLAZEPOSE_33)
    ).all()


@pytest.mark.parametrize("skeleton", [BLAZEPOSE_33, COCO_17, BONE], ids=lambda skeleton: skeleton.name)
@pytest.mark.parametrize("provenance", PROVENANCES)
def test_every_skeleton_is_drawn_in_every_provenance(skeleton: Skeleton, provenance: Provenance) -> None:
    picture = make_picture()
    drawn = draw_people(picture, [make_person(skeleton=skeleton, provenance=provenance)], skeleton, labels=False)
    assert changed(picture, drawn)[60:200, 100:200].any()
    assert not changed(picture, drawn)[:40].any()


def test_a_bone_is_drawn_between_its_joints_in_the_colour_of_the_side() -> None:
    drawn = draw_people(make_picture(), [make_bone(identity=3)], BONE, labels=False)
    assert tuple(drawn[120, 160].tolist()) == side_colour(identity_colour(3), "left")


def test_left_is_lighter_than_right() -> None:
    left, right = side_colour(identity_colour(1), "left"), side_colour(identity_colour(1), "right")
    assert sum(left) > sum(identity_colour(1)) > sum(right)


def test_an_id_keeps_its_colour_in_any_order_and_company() -> None:
    one, two = make_bone(identity=1), make_bone(identity=2, start=(40, 60), end=(280, 60))
    alone = draw_people(make_picture(), [two], BONE, labels=False)[60, 160]
    together = draw_people(make_picture(), [one, two], BONE, labels=False)
    turned = draw_people(make_picture(), [two, one], BONE, labels=False)
    assert (together[60, 160] == alone).all()
    assert (turned[60, 160] == alone).all()
    assert (together[120, 160] != alone).any()


def test_people_without_ids_differ_by_their_place_in_the_list() -> None:
    people = [make_bone(identity=None, start=(40, y), end=(280, y)) for y in (60, 120, 180)]
    drawn = draw_people(make_picture(), people, BONE, labels=False)
    assert len({tuple(drawn[y, 160].tolist()) for y in (60, 120, 180)}) == 3


def test_eight_ids_have_eight_colours() -> None:
    assert len({identity_colour(identity) for identity in range(1, 9)}) == 8


def test_less_visible_is_fainter() -> None:
    strength = []
    for visibility in (0.9, 0.3, 0.05):
        drawn = draw_people(make_picture(), [make_bone(visibility=visibility)], BONE, labels=False)
        strength.append(np.abs(drawn[120, 160].astype(int) - 128).sum())
    assert strength[0] > strength[1] > strength[2] > 0


def test_each_provenance_looks_different() -> None:
    drawn = [
        draw_people(make_picture(), [make_bone(provenance=provenance)], BONE, labels=False)
        for provenance in PROVENANCES
    ]
    assert all(changed(a, b).any() for a, b in itertools.combinations(drawn, 2))


@pytest.mark.parametrize("provenance", ["interpolated", "predicted"])
def test_filled_frames_have_gaps_and_found_ones_none(provenance: Provenance) -> None:
    def gaps(person: Person) -> int:
        row = changed(make_picture(), draw_people(make_picture(), [person], BONE, labels=False))[120, 44:276]
        return int(np.count_nonzero(~row))

    assert gaps(make_bone()) == 0
    assert gaps(make_bone(provenance=provenance)) > 40


def test_lines_are_anti_aliased() -> None:
    drawn = draw_people(make_picture(grey=255), [make_bone(end=(280, 170))], BONE, labels=False)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 20


def test_big_people_have_wider_lines_than_small_ones() -> None:
    def width(length: float) -> int:
        person = make_bone(start=(400 - length / 2, 300), end=(400 + length / 2, 300))
        picture = make_picture(width=800, height=600)
        return int(changed(picture, draw_people(picture, [person], BONE, labels=False))[:, 400].sum())

    assert width(700) > width(40) >= 2


def test_a_line_that_leaves_the_picture_far_away_is_drawn_up_to_its_edge() -> None:
    drawn = draw_people(make_picture(), [make_bone(end=(1e12, 120))], BONE, labels=False)
    assert changed(make_picture(), drawn)[120, 60:].all()


def test_a_line_across_the_picture_is_drawn_though_both_ends_are_outside() -> None:
    drawn = draw_people(make_picture(), [make_bone(start=(-1e9, 120), end=(1e9, 120))], BONE, labels=False)
    assert changed(make_picture(), drawn)[120].all()


@pytest.mark.parametrize(
    "point",
    [(1e30, -1e30), (3e38, 3e38), (float("nan"), 5.0), (float("inf"), 5.0), (-float("inf"), float("nan"))],
    ids=str,
)
@pytest.mark.parametrize("provenance", PROVENANCES)
def test_a_mad_joint_spoils_neither_picture_nor_the_other_joints(
    point: tuple[float, float], provenance: Provenance
) -> None:
    person = make_person(provenance=provenance)
    drawn = draw_people(make_picture(), [with_points(person, {0: point})], BLAZEPOSE_33)
    assert changed(make_picture(), drawn)[60:200, 100:200].any()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 2.0])
def test_mad_scores_and_visibilities_are_drawn(value: float) -> None:
    person = make_person(visibility=value, score=value)
    assert changed(make_picture(), draw_people(make_picture(), [person], BLAZEPOSE_33)).any()


def test_somebody_far_outside_leaves_the_picture_as_it_is() -> None:
    person = make_person(low=(5000, 5000), high=(6000, 6000))
    assert (draw_people(make_picture(), [person], BLAZEPOSE_33) == 128).all()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 300), (300, 2), (16, 16), (3840, 2160)])
@pytest.mark.parametrize("provenance", PROVENANCES)
def test_tiny_and_huge_pictures_are_drawn(width: int, height: int, provenance: Provenance) -> None:
    person = make_person(low=(0, 0), high=(width, height), provenance=provenance)
    picture = make_picture(width=width, height=height)
    assert draw_people(picture, [person, replace(person, id=2)], BLAZEPOSE_33).shape == picture.shape


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, (17, 4), elements=st.floats(width=32, allow_nan=True, allow_infinity=True)),
    st.floats(allow_nan=True),
    st.one_of(st.none(), st.integers(1, 2**53)),
    st.sampled_from(PROVENANCES),
)
def test_no_numbers_make_it_fall_over(
    keypoints: np.ndarray[Any, np.dtype[np.float32]], score: float, identity: int | None, provenance: Provenance
) -> None:
    person = Person(keypoints, score, id=identity, provenance=provenance)
    assert draw_people(make_picture(width=64, height=48), [person, person], COCO_17).shape == (48, 64, 3)


@pytest.mark.parametrize(
    "keypoints",
    [np.zeros((17, 4)), np.zeros((33, 3)), np.zeros((0, 4)), np.zeros(33), np.zeros((33, 4, 1))],
    ids=lambda keypoints: str(keypoints.shape),
)
def test_keypoints_of_another_shape_are_refused(keypoints: np.ndarray[Any, Any]) -> None:
    with pytest.raises(OverlayError, match=r"keypoints must have shape \(33, 4\) for blazepose_33, got \(") as refused:
        draw_people(make_picture(), [Person(keypoints, 0.9)], BLAZEPOSE_33)
    assert str(keypoints.shape) in str(refused.value)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.zeros((10, 10), np.uint8), r"\(10, 10\)"),
        (np.zeros((10, 10, 4), np.uint8), r"\(10, 10, 4\)"),
        (np.zeros((0, 10, 3), np.uint8), r"\(0, 10, 3\)"),
        (np.zeros((10, 10, 3), np.float32), "float32"),
        (None, "None"),
        ([[0, 0, 0]], "None"),
    ],
    ids=["grey", "with alpha", "empty", "float", "none", "list"],
)
def test_what_is_no_rgb_picture_is_refused(image: Any, says: str) -> None:
    with pytest.raises(OverlayError, match=says):
        draw_people(image, [], BLAZEPOSE_33)
