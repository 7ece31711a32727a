"""Boxes beside poses."""

from __future__ import annotations

import math
from dataclasses import replace

from sidecar.estimators.proposing import Proposal
from sidecar.finding.boxes import IN_VAIN_FRAMES, InVain, distinct, made_of, may_show, pair, shows_part_of
from sidecar.finding.trail import Look, Trail
from sidecar.pose.region import Region
from tests.finding.makers import SIDE, standing


def box(x1: float, y1: float, x2: float, y2: float, score: float) -> Proposal:
    return Proposal(Region((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1), score, (x1, y1, x2, y2))


def test_a_weak_box_inside_a_certain_one_is_a_part_of_a_person() -> None:
    whole, half, other = box(0, 0, 40, 100, 0.8), box(0, 0, 40, 50, 0.2), box(0, 0, 40, 50, 0.5)
    assert distinct([whole, half]) == [whole]
    assert distinct([whole, other]) == [whole, other], "a certain one may be somebody in front"


def test_a_box_shows_one_person_and_the_best_overlap_wins() -> None:
    here, there = Look(standing(60, 90), 1.0), Look(standing(64, 92), 1.0)
    shown = Proposal(Region(60, 90, 80), 0.9, here.person.bbox_xyxy)
    assert pair([shown], [there, here]) == {0: 1}
    assert pair([], [here]) == {}


def test_a_box_far_from_where_somebody_was_lost_does_not_show_them() -> None:
    lost = Trail({3: Look(standing(100, 90), 0.9)})
    assert may_show(box(80, 60, 130, 120, 0.2), lost, 4)
    assert not may_show(box(280, 60, 330, 120, 0.2), lost, 4)
    assert not may_show(box(80, 60, 130, 120, 0.2), Trail(), 4)


def test_a_box_of_half_a_person_shows_nobody_else() -> None:
    look = Look(standing(100, 90), 0.9)
    x1, y1, x2, y2 = look.person.bbox_xyxy
    assert shows_part_of(box(x1, y1, x2, (y1 + y2) / 2, 0.5), look)
    assert not shows_part_of(box(x1, y1, x2, y2, 0.5), look), "the whole"
    assert not shows_part_of(box(x1 + SIDE, y1, x2 + SIDE, y2, 0.5), look), "a neighbour"
    assert not shows_part_of(Proposal(Region(100, 90, 20), 0.5), look), "no box at all"


def test_of_who_stands_on_their_head_detectors_see_the_legs() -> None:
    look = Look(standing(100, 90), 0.9)
    x1, y1, x2, y2 = look.person.bbox_xyxy
    legs = box(x1, y1 - 0.3 * (y2 - y1), x2, y2 - 0.3 * (y2 - y1), 0.5)
    assert not shows_part_of(legs, look)
    turned = replace(look, person=replace(look.person, region=Region(100, 90, SIDE, 3.1)))
    assert shows_part_of(legs, turned)


def test_a_box_looked_into_in_vain_is_remembered_for_a_while() -> None:
    in_vain = InVain()
    in_vain.add(box(0, 0, 40, 100, 0.5), 10)
    assert box(2, 3, 42, 103, 0.6) in in_vain
    assert box(60, 0, 100, 100, 0.5) not in in_vain
    in_vain.forget(10 + IN_VAIN_FRAMES - 1)
    assert box(2, 3, 42, 103, 0.6) in in_vain
    in_vain.forget(10 + IN_VAIN_FRAMES)
    assert box(2, 3, 42, 103, 0.6) not in in_vain


def test_a_pose_inside_of_others_is_made_of_their_limbs() -> None:
    front = Look(standing(100, 90, size=2 * SIDE), 0.95)
    inside, beside = Look(standing(100, 90), 0.95), Look(standing(100 + SIDE, 90), 0.95)
    assert made_of(inside, [front])
    assert not made_of(beside, [front])
    assert not made_of(inside, [])


def test_a_pose_that_lies_from_one_to_the_other_is_made_of_both() -> None:
    left, right = Look(standing(100, 90), 0.95), Look(standing(150, 90), 0.95)
    across = Look(standing(125, 90, rotation=math.pi / 2), 0.95)
    assert made_of(across, [left, right])
    assert not made_of(Look(standing(125, 90), 0.95), [left, right]), "between them, upright"
    assert not made_of(Look(standing(125, 190, rotation=math.pi / 2), 0.95), [left, right]), "below them"
