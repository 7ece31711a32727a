"""Labels: what they say, that they fit, that they do not cover each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sidecar.overlay.draw import draw_people
from sidecar.overlay.labels import Box, Plate, place, wordings
from sidecar.overlay.palette import IDENTITY_COLOURS, identity_colour, readable_on
from sidecar.pose.person import Person, Provenance
from sidecar.pose.skeleton import BLAZEPOSE_33
from tests.overlay.makers import changed, make_person, make_picture

RED = (255, 0, 0)


def place_all(people: list[Person], size: tuple[int, int]) -> list[Plate]:
    taken: list[Box] = []
    plates = []
    for person in people:
        plate = place(person, RED, size, taken)
        assert plate is not None
        taken.append(plate.box)
        plates.append(plate)
    return plates


@pytest.mark.parametrize(
    ("identity", "provenance", "fullest"),
    [
        (3, "detected", "#3 0.87 detected"),
        (12, "low_score", "#12 0.87 low score"),
        (None, "interpolated", "0.87 interpolated"),
        (1, "predicted", "#1 0.87 predicted"),
    ],
)
def test_a_label_says_id_score_and_provenance(identity: int | None, provenance: Provenance, fullest: str) -> None:
    assert wordings(make_person(identity=identity, provenance=provenance))[0] == fullest


def test_the_shortest_label_is_the_id() -> None:
    assert wordings(make_person(identity=7))[-1] == "#7"


def test_labels_can_be_left_out() -> None:
    person = make_person()
    with_label = draw_people(make_picture(), [person], BLAZEPOSE_33)
    without = draw_people(make_picture(), [person], BLAZEPOSE_33, labels=False)
    assert changed(with_label, without).any()


@pytest.mark.parametrize("corner", [(0, 0), (280, 0), (0, 200), (280, 200)], ids=str)
def test_a_label_stays_inside_of_the_picture(corner: tuple[int, int]) -> None:
    person = make_person(low=corner, high=(corner[0] + 39, corner[1] + 39))
    (plate,) = place_all([person], (320, 240))
    x0, y0, x1, y1 = plate.box
    assert 0 <= x0 < x1 <= 320
    assert 0 <= y0 < y1 <= 240


def test_a_label_lies_above_its_person_where_there_is_room() -> None:
    (plate,) = place_all([make_person(low=(100, 100), high=(200, 200))], (320, 240))
    assert plate.box[3] <= 100


def test_labels_of_people_close_together_do_not_cover_each_other() -> None:
    people = [make_person(identity=n, low=(90 + 5 * n, 100), high=(190 + 5 * n, 220), seed=n) for n in range(1, 6)]
    boxes = [plate.box for plate in place_all(people, (640, 360))]
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_labels_of_many_people_in_one_spot_still_all_have_a_place() -> None:
    people = [make_person(identity=n) for n in range(1, 60)]
    assert len(place_all(people, (320, 240))) == 59


@pytest.mark.parametrize(("width", "text"), [(640, "#1 0.87 detected"), (70, "#1 0.87"), (36, "#1")])
def test_a_narrow_picture_gets_a_shorter_label(width: int, text: str) -> None:
    plate = place(make_person(low=(2, 20), high=(width - 2, 60)), RED, (width, 64), [])
    assert plate is not None
    assert plate.text == text


def test_a_picture_too_small_for_any_label_gets_none() -> None:
    assert place(make_person(low=(0, 0), high=(7, 7)), RED, (8, 8), []) is None


def test_somebody_outside_of_the_picture_has_no_label() -> None:
    assert place(make_person(low=(500, 500), high=(600, 600)), RED, (320, 240), []) is None


def test_letters_grow_with_the_picture() -> None:
    small = place(make_person(low=(20, 60), high=(200, 160)), RED, (640, 360), [])
    large = place(make_person(low=(20, 600), high=(900, 1600)), RED, (3840, 2160), [])
    assert small is not None
    assert large is not None
    assert large.box[3] - large.box[1] > 4 * (small.box[3] - small.box[1])


@pytest.mark.parametrize("colour", IDENTITY_COLOURS, ids=str)
def test_letters_stand_out_from_every_plate(colour: tuple[int, int, int]) -> None:
    def luminance(rgb: tuple[int, int, int]) -> float:
        linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted([luminance(colour), luminance(readable_on(colour))], reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 3.0  # WCAG 2.1, 1.4.3, large text


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_plate_hides_the_background_under_the_letters(grey: int) -> None:
    person = make_person(low=(100, 100), high=(200, 200))
    drawn = draw_people(make_picture(grey=grey), [person], BLAZEPOSE_33)
    plate = place(person, identity_colour(1), (320, 240), [])
    assert plate is not None
    x0, y0, x1, y1 = plate.box
    inside = drawn[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1].reshape(-1, 3)
    assert (np.all(inside == identity_colour(1), axis=1)).mean() > 0.5
