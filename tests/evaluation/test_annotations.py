"""Labels are checked before an estimator works for them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from sidecar.evaluation.annotations import EvaluationError, read_annotations
from tests.evaluation.makers import annotation, make_pose, write_labels


def test_crowds_and_people_without_labels_are_left_out(tmp_path: Path) -> None:
    entries = [
        annotation(1, 1, make_pose(1)),
        annotation(2, 1, make_pose(2), iscrowd=1),
        annotation(3, 2, make_pose(3), keypoints=[0] * 51, num_keypoints=0),
    ]
    found = read_annotations(write_labels(tmp_path, entries))
    assert {image: len(people) for image, people in found.people.items()} == {1: 1, 2: 0}
    assert found.files == {1: "1.png", 2: "2.png"}


BAD: dict[str, tuple[list[dict[str, Any]], str]] = {
    "nobody": ([], "nobody with a labelled keypoint"),
    "another set of keypoints": ([annotation(1, 1, make_pose(1), keypoints=[1, 1, 2] * 5)], "needs 17 keypoints"),
    "an area of nothing": ([annotation(1, 1, make_pose(1), area=0)], "area > 0, got area 0"),
    "a keypoint that is no number": (
        [annotation(1, 1, make_pose(1), keypoints=[math.nan, 1, 2] * 17)],
        "needs finite keypoints",
    ),
    "a keypoint that is a text": ([annotation(1, 1, make_pose(1), keypoints=["a", 1, 2] * 17)], "no COCO keypoints"),
    "of no image": ([annotation(1, 7, make_pose(1))], "is of image 7, which is none"),
}


@pytest.mark.parametrize(("entries", "message"), BAD.values(), ids=BAD)
def test_bad_labels_are_named(tmp_path: Path, entries: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        read_annotations(write_labels(tmp_path, entries))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"images": 3, "annotations": []}', "\x00", "[" * 9999])
def test_what_is_no_file_of_labels(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match="holds no COCO keypoints"):
        read_annotations(tmp_path / "x.json")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_annotations(tmp_path / "absent.json")
