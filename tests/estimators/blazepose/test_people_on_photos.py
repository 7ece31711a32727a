"""Everybody on the labelled photos, with the person detector."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from sidecar.pose.oks import BLAZEPOSE_TO_COCO, oks
from sidecar.pose.person import Person
from tests.estimators.blazepose.conftest import Load
from tests.estimators.blazepose.photos import read_rgb
from tests.paths import FIXTURES, needs_shared

pytestmark = needs_shared

PEOPLE = {"000000000785.jpg": 1, "000000040083.jpg": 2, "000000197388.jpg": 5, "000000196141.jpg": 4}


@dataclass(frozen=True)
class Photo:
    name: str
    found: list[Person]
    labelled: list[dict[str, Any]]


@pytest.fixture(scope="module")
def photos(load: Load) -> list[Photo]:
    labels = json.loads((FIXTURES / "images" / "coco_keypoints.json").read_text(encoding="utf-8"))
    estimator = load(detector="rtmdet-nano")
    return [
        Photo(
            name=image["file_name"],
            found=estimator.estimate([read_rgb(FIXTURES / "images" / image["file_name"])])[0],
            labelled=[a for a in labels["annotations"] if a["image_id"] == image["id"] and a["num_keypoints"]],
        )
        for image in labels["images"]
    ]


def similarities(photo: Photo) -> list[float]:
    """OKS of each labelled person with the person found there, best assignment."""
    table = np.zeros((len(photo.labelled), len(photo.found)))
    for row, label in enumerate(photo.labelled):
        truth = np.array(label["keypoints"]).reshape(17, 3)
        for column, person in enumerate(photo.found):
            ours = person.keypoints[list(BLAZEPOSE_TO_COCO)]
            table[row, column] = oks(ours, truth, area=label["area"], visible=truth[:, 2] > 0)
    matched: list[float] = table[linear_sum_assignment(table, maximize=True)].tolist()
    return matched + [0.0] * (len(photo.labelled) - len(matched))


def test_exactly_the_people_who_are_there_are_found(photos: list[Photo]) -> None:
    assert {photo.name: len(photo.found) for photo in photos} == PEOPLE


def test_they_are_where_the_labels_say(photos: list[Photo]) -> None:
    values = [value for photo in photos for value in similarities(photo)]
    assert len(values) == 12
    assert np.mean(values) >= 0.76


def test_they_come_best_first_without_region_index(photos: list[Photo]) -> None:
    for photo in photos:
        scores = [person.score for person in photo.found]
        assert scores == sorted(scores, reverse=True)
        assert {person.region_index for person in photo.found} == {None}


def test_the_estimator_names_its_detector_and_the_digest(load: Load) -> None:
    info = load(detector="rtmdet-nano").info
    assert info.detector == "rtmdet-nano"
    assert [model.name for model in info.models] == ["rtmdet-nano", "blazepose-detector", "blazepose-full"]
    assert info.models[0].sha256 == "b8585adb6d1352796f6e86337e09c3459b830645a7e7192d9381670bea2facbd"
    assert not info.follows_one_person
