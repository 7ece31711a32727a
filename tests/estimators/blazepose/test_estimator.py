"""Which regions are read and who is reported, on a scripted network."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sidecar.estimators.blazepose.estimator import BlazePose
from sidecar.estimators.blazepose.finders import Read
from sidecar.estimators.protocol import Cancelled, EstimatorInfo, Image
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.pose.skeleton import BLAZEPOSE_33
from tests.estimators.blazepose.makers import ScriptedLandmarks
from tests.estimators.makers import CancelAtQuestion

IMAGE = np.zeros((40, 60, 3), np.uint8)
SQUARES = [Region(10, 10, 20), Region(30, 30, 10), Region(20, 5, 8)]


def middle(image: Image, read: Read, *, min_score: float) -> list[Person]:
    """A finder that looks at the middle of the image."""
    person = read(Region(image.shape[1] / 2, image.shape[0] / 2, 10))
    return [] if person is None else [person]


def make_estimator(network: ScriptedLandmarks) -> BlazePose:
    info = EstimatorInfo(name="blazepose", skeleton=BLAZEPOSE_33, device="CPU", runtime=("scripted", "1"))
    return BlazePose(info, landmarks=network, finder=middle)  # type: ignore[arg-type]


def test_each_region_is_answered_by_its_index_or_not_at_all() -> None:
    estimator = make_estimator(ScriptedLandmarks(0.9, 0.2, 0.6))
    (people,) = estimator.estimate([IMAGE], regions=[SQUARES])
    assert [person.region_index for person in people] == [0, 2]
    assert [person.score for person in people] == pytest.approx([0.9, 0.6])


def test_regions_and_whole_images_mix() -> None:
    network = ScriptedLandmarks(0.9)
    found = make_estimator(network).estimate([IMAGE] * 3, regions=[SQUARES[:1], None, []])
    assert [[person.region_index for person in people] for people in found] == [[0], [None], []]
    assert network.runs == 2


def test_overlapping_regions_suppress_nothing() -> None:
    (people,) = make_estimator(ScriptedLandmarks(0.9)).estimate([IMAGE], regions=[SQUARES[:1] * 3])
    assert [person.region_index for person in people] == [0, 1, 2]


def test_provenance_follows_the_score() -> None:
    (people,) = make_estimator(ScriptedLandmarks(0.5, 0.49)).estimate([IMAGE], regions=[SQUARES[:2]], min_score=0.1)
    assert [person.provenance for person in people] == ["detected", "low_score"]


def test_scores_are_at_most_1() -> None:
    ((person,),) = make_estimator(ScriptedLandmarks(1.5)).estimate([IMAGE], regions=[SQUARES[:1]])
    assert person.score == 1.0


@pytest.mark.parametrize("flag", [0.09, -0.5, math.nan])
def test_what_scores_under_a_tenth_is_nobody_whatever_is_asked(flag: float) -> None:
    assert make_estimator(ScriptedLandmarks(flag)).estimate([IMAGE], regions=[SQUARES[:1]], min_score=0.0) == [[]]


def test_numbers_that_are_not_finite_are_nobody() -> None:
    network = ScriptedLandmarks(0.9, rows=np.full((1, 195), math.nan, np.float32))
    assert make_estimator(network).estimate([IMAGE, IMAGE], regions=[SQUARES, None]) == [[], []]


def test_a_cancelled_call_stops_before_the_next_inference() -> None:
    network = ScriptedLandmarks(0.9)
    with pytest.raises(Cancelled):
        make_estimator(network).estimate(
            [IMAGE], regions=[SQUARES], cancel=CancelAtQuestion(4)
        )  # the image, then each region
    assert network.runs == 2


def test_no_images_is_no_work() -> None:
    assert make_estimator(ScriptedLandmarks(0.9)).estimate([]) == []


def test_regions_for_another_number_of_images_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one entry per image \(1\), got 2"):
        make_estimator(ScriptedLandmarks(0.9)).estimate([IMAGE], regions=[None, None])


def test_an_image_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got float64 \(4, 4, 3\)"):
        make_estimator(ScriptedLandmarks(0.9)).estimate([np.zeros((4, 4, 3))])  # type: ignore[list-item]


def test_after_close_nothing_is_estimated() -> None:
    estimator = make_estimator(ScriptedLandmarks(0.9))
    estimator.close()
    estimator.close()
    with pytest.raises(RuntimeError, match="closed"):
        estimator.estimate([IMAGE])
