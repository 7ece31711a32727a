"""COCO keypoint results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sidecar.export import coco
from sidecar.pose.oks import BLAZEPOSE_TO_COCO
from sidecar.results.errors import LandingError, ResultError
from tests.export.makers import PEOPLE, make_result
from tests.results.makers import write_result
from tests.results.schemas import validator


def test_every_person_is_an_entry_of_its_frame(tmp_path: Path) -> None:
    assert coco.write(make_result(tmp_path), tmp_path / "a.json", filled="include") == 5
    entries = json.loads((tmp_path / "a.json").read_bytes())
    validator("export-coco").validate(entries)
    assert [entry["image_id"] for entry in entries] == [0, 0, 1, 1, 3]
    assert [entry["score"] for entry in entries] == [0.9, 0.7, 0.9, 0.5, 0.2]
    first = PEOPLE[0][0]["keypoints"]
    assert entries[0]["keypoints"] == [first[row][column] for row in BLAZEPOSE_TO_COCO for column in (0, 1, 3)]


def test_filled_people_are_left_out_on_request(tmp_path: Path) -> None:
    assert coco.write(make_result(tmp_path), tmp_path / "a.json", filled="exclude") == 4
    assert [entry["image_id"] for entry in json.loads((tmp_path / "a.json").read_bytes())] == [0, 0, 1, 3]


def test_nobody_is_an_empty_list(tmp_path: Path) -> None:
    from sidecar.results.reading import open_result

    coco.write(open_result(write_result(tmp_path, [])), tmp_path / "a.json", filled="include")
    assert json.loads((tmp_path / "a.json").read_bytes()) == []


def test_the_evaluation_of_coco_reads_it(tmp_path: Path) -> None:
    tools = pytest.importorskip("pycocotools.coco", reason="platform: pycocotools is not among our packages")
    coco.write(make_result(tmp_path), tmp_path / "a.json", filled="include")
    truth = tools.COCO()
    truth.dataset = {"images": [{"id": number} for number in range(4)], "categories": [{"id": 1}], "annotations": []}
    truth.createIndex()
    assert len(truth.loadRes(str(tmp_path / "a.json")).getAnnIds()) == 5


def test_a_damaged_result_leaves_no_export(tmp_path: Path) -> None:
    result = make_result(tmp_path / "result")
    with (tmp_path / "result" / "poses.jsonl").open("ab") as file:
        file.write(b'{"frame":4')
    with pytest.raises(ResultError, match="truncated"):
        coco.write(result, tmp_path / "a.json", filled="include")
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="is a folder"):
        coco.write(make_result(tmp_path), tmp_path, filled="include")
