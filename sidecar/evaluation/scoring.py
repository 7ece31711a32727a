"""Figures of merit: COCO's average precision by its own tools, and how well labelled people were met."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from sidecar.evaluation.annotations import Annotations, Labelled
from sidecar.export.joints import COCO, joint_table
from sidecar.pose.oks import oks
from sidecar.pose.person import Person
from sidecar.pose.skeleton import Skeleton

PERSON_CATEGORY = 1
FOUND_OKS = 0.5

# COCO's summary of keypoints in its order (pycocotools, COCOeval.summarize).
FIGURES = ("AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl")


@dataclass(frozen=True, slots=True)
class Scores:
    """What an evaluation comes to.

    Attributes:
        coco: COCO's figures by the names in FIGURES, in [0, 1]; None where nobody is of that size.
        mean_oks: over all labelled people, 0 for those nobody was assigned to.
        found: labelled people met with an OKS of at least FOUND_OKS.
        labelled: how many there are.
        answered: how many people the estimator gave.
    """

    coco: Mapping[str, float | None]
    mean_oks: float
    found: int
    labelled: int
    answered: int


def score(annotations: Annotations, people: Mapping[int, Sequence[Person]], skeleton: Skeleton) -> Scores:
    """Hold people against labels, for the images that `people` names.

    Raises:
        ExportError: the skeleton lacks one of COCO's 17 keypoints.
    """
    table = joint_table(COCO, skeleton)
    found = {
        image: [(table.take(person.keypoints.astype(np.float64)), person.score) for person in persons]
        for image, persons in people.items()
    }
    similarities = [
        similarity
        for image, persons in found.items()
        for similarity in _similarities(annotations.people[image], [keypoints for keypoints, _ in persons])
    ]
    return Scores(
        coco=_coco(annotations, found),
        mean_oks=float(np.mean(similarities)) if similarities else 0.0,
        found=sum(similarity >= FOUND_OKS for similarity in similarities),
        labelled=len(similarities),
        answered=sum(map(len, found.values())),
    )


def _similarities(labelled: Sequence[Labelled], keypoints: Sequence[np.ndarray]) -> list[float]:
    """Each labelled person's OKS with the one that is assigned to them, so that the sum is largest."""
    if not labelled or not keypoints:
        return [0.0] * len(labelled)
    table = np.array(
        [
            [
                oks(ours[:, :2], truth.keypoints[:, :2], area=truth.area, visible=truth.keypoints[:, 2] > 0)
                for ours in keypoints
            ]
            for truth in labelled
        ]
    )
    rows, columns = linear_sum_assignment(-table)
    best = np.zeros(len(labelled))
    best[rows] = table[rows, columns]
    return [float(value) for value in best]


def _coco(annotations: Annotations, found: Mapping[int, Sequence[tuple[np.ndarray, float]]]) -> dict[str, float | None]:
    # Untyped, and not there for everybody.
    coco: Any = import_module("pycocotools.coco")
    cocoeval: Any = import_module("pycocotools.cocoeval")
    rows = [
        {
            "image_id": image,
            "category_id": PERSON_CATEGORY,
            "keypoints": keypoints.ravel().tolist(),
            "score": person_score,
        }
        for image, persons in found.items()
        for keypoints, person_score in persons
    ]
    if not rows:
        return dict.fromkeys(FIGURES, 0.0)
    with contextlib.redirect_stdout(io.StringIO()):  # they talk
        labels = coco.COCO()
        labels.dataset = dict(annotations.content)
        labels.createIndex()
        evaluation = cocoeval.COCOeval(labels, labels.loadRes(rows), "keypoints")
        evaluation.params.imgIds = sorted(found)
        evaluation.params.catIds = [PERSON_CATEGORY]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # -1 stands for "nobody of that size".
    return {name: None if value < 0 else float(value) for name, value in zip(FIGURES, evaluation.stats, strict=True)}
