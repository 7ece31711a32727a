"""Figures that must come out of people whose faults are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pycocotools", reason="pycocotools is absent: pip install pycocotools")

from sidecar.evaluation.annotations import read_annotations
from sidecar.evaluation.scoring import FIGURES, score
from sidecar.export.joints import ExportError
from sidecar.pose.oks import COCO_SIGMAS
from sidecar.pose.skeleton import COCO_17, Skeleton
from tests.evaluation.makers import AREA, annotation, make_person, make_pose, write_labels


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_labels(tmp_path, [annotation(1, 1, make_pose(1)), annotation(2, 2, make_pose(2))])


def test_people_as_labelled_are_perfect(labels: Path) -> None:
    people = {1: [make_person(make_pose(1))], 2: [make_person(make_pose(2))]}
    scores = score(read_annotations(labels), people, COCO_17)
    assert list(scores.coco) == list(FIGURES)
    assert (scores.coco["AP"], scores.coco["APm"], scores.coco["APl"]) == (1.0, 1.0, None)
    assert scores.mean_oks == pytest.approx(1.0, abs=1e-6)
    assert (scores.found, scores.labelled, scores.answered) == (2, 2, 2)


def test_oks_is_the_published_formula(labels: Path) -> None:
    """Everything 5 px aside: the mean over keypoints of exp(-d^2 / (8 sigma^2 area))."""
    people = {1: [make_person(make_pose(1) + np.array([3.0, 4.0]))], 2: [make_person(make_pose(2))]}
    scores = score(read_annotations(labels), people, COCO_17)
    aside = float(np.exp(-25 / (8 * COCO_SIGMAS**2 * AREA)).mean())
    assert scores.mean_oks == pytest.approx((aside + 1) / 2, abs=1e-4)
    assert 0 < float(scores.coco["AP"] or 0) < 1


def test_somebody_missed_counts_as_zero(labels: Path) -> None:
    scores = score(read_annotations(labels), {1: [make_person(make_pose(1))], 2: []}, COCO_17)
    assert scores.mean_oks == pytest.approx(0.5, abs=1e-6)
    assert (scores.found, scores.labelled, scores.answered) == (1, 2, 1)
    assert scores.coco["AR"] == pytest.approx(0.5)


def test_a_false_person_with_a_high_score_costs_precision(labels: Path) -> None:
    good = {1: [make_person(make_pose(1), 0.6)], 2: [make_person(make_pose(2), 0.6)]}
    phantom = make_person(make_pose(9) + 900, 0.95)
    with_phantom = {1: [*good[1], phantom], 2: good[2]}
    labelled = read_annotations(labels)
    ap = [float(score(labelled, people, COCO_17).coco["AP"] or 0) for people in (good, with_phantom)]
    assert ap[0] == 1.0
    assert ap[1] < 0.7


def test_each_person_is_assigned_once(tmp_path: Path) -> None:
    """One answer between two who were labelled is not both of them."""
    path = write_labels(tmp_path, [annotation(1, 1, make_pose(1)), annotation(2, 1, make_pose(1) + 1)], images=1)
    scores = score(read_annotations(path), {1: [make_person(make_pose(1))]}, COCO_17)
    assert (scores.found, scores.labelled) == (1, 2)


def test_nobody_anywhere(labels: Path) -> None:
    scores = score(read_annotations(labels), {1: [], 2: []}, COCO_17)
    assert set(scores.coco.values()) == {0.0}
    assert (scores.mean_oks, scores.found) == (0.0, 0)


def test_hidden_keypoints_count_and_unlabelled_do_not(tmp_path: Path) -> None:
    entry = annotation(1, 1, make_pose(1))
    entry["keypoints"][5::3] = [0, *entry["keypoints"][8::3]]
    entry["keypoints"][2] = 1
    path = write_labels(tmp_path, [entry], images=1)
    wrong = make_pose(1)
    wrong[1] += 500  # where nothing is labelled
    assert score(read_annotations(path), {1: [make_person(wrong)]}, COCO_17).mean_oks == pytest.approx(1, abs=1e-6)


def test_a_skeleton_without_cocos_keypoints_is_refused(labels: Path) -> None:
    hand = Skeleton("hand", ("wrist", "thumb"), (), has_z=False, has_world=False)
    with pytest.raises(ExportError):
        score(read_annotations(labels), {1: []}, hand)
