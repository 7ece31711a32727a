"""CSV in the long form."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sidecar.export import csv_rows
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17
from sidecar.results.reading import open_result
from tests.export.makers import PEOPLE, make_result
from tests.results.makers import make_frames, make_header, make_person, write_result


def read(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_keypoint_is_a_row_with_all_that_is_known(tmp_path: Path) -> None:
    assert csv_rows.write(make_result(tmp_path), tmp_path / "a.csv", filled="include") == 5
    rows = read(tmp_path / "a.csv")
    assert len(rows) == 5 * 33
    assert [row["keypoint"] for row in rows[:33]] == list(BLAZEPOSE_33.keypoints)
    row, person = rows[3 * 33 + 2], PEOPLE[1][1]
    told = [row[name] for name in ("frame", "time_s", "id", "score", "provenance", "distance")]
    assert told == ["1", "0.033333", "2", "0.5", "interpolated", "1"]
    assert [float(row[name]) for name in ("x", "y", "z", "visibility")] == person["keypoints"][2]
    assert [float(row[f"world_{axis}"]) for axis in "xyz"] == person["keypoints_world"][2]
    assert rows[-1]["id"] == ""


def test_the_columns_are_these(tmp_path: Path) -> None:
    csv_rows.write(open_result(write_result(tmp_path, [])), tmp_path / "a.csv", filled="include")
    assert (tmp_path / "a.csv").read_text() == (
        "frame,time_s,id,score,provenance,distance,keypoint,x,y,z,visibility,world_x,world_y,world_z\n"
    )


def test_a_skeleton_without_world_has_empty_cells(tmp_path: Path) -> None:
    frames = make_frames([[make_person(skeleton=COCO_17)]])
    result = open_result(write_result(tmp_path, frames, header=make_header(skeleton=COCO_17)))
    csv_rows.write(result, tmp_path / "a.csv", filled="exclude")
    assert {(row["world_x"], row["world_z"]) for row in read(tmp_path / "a.csv")} == {("", "")}


def test_names_with_commas_and_quotes_stay_one_cell(tmp_path: Path) -> None:
    skeleton = make_header()["skeleton"] | {"keypoints": ['a,"b"\n'], "edges": []}
    person = make_person(keypoints=[[1, 2, 3, 1]], keypoints_world=None)
    result = open_result(write_result(tmp_path, make_frames([[person]]), header=make_header() | {"skeleton": skeleton}))
    csv_rows.write(result, tmp_path / "a.csv", filled="include")
    assert [row["keypoint"] for row in read(tmp_path / "a.csv")] == ['a,"b"\n']


def test_filled_people_are_left_out_on_request(tmp_path: Path) -> None:
    csv_rows.write(make_result(tmp_path), tmp_path / "a.csv", filled="exclude")
    assert {row["provenance"] for row in read(tmp_path / "a.csv")} == {"detected", "low_score"}
