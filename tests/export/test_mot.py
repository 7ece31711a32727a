"""MOT Challenge text."""

from __future__ import annotations

from pathlib import Path

from sidecar.export import mot
from tests.export.makers import PEOPLE, make_result


def read(path: Path) -> list[list[float]]:
    return [[float(field) for field in line.split(",")] for line in path.read_text().splitlines()]


def test_frames_count_from_one_and_boxes_have_a_size(tmp_path: Path) -> None:
    assert mot.write(make_result(tmp_path), tmp_path / "mot.txt", filled="include") == 5
    lines = read(tmp_path / "mot.txt")
    assert [line[:2] for line in lines] == [[1, 1], [1, 2], [2, 1], [2, 2], [4, -1]]
    assert {tuple(line[7:]) for line in lines} == {(-1, -1, -1)}
    left, top, right, bottom = PEOPLE[0][1]["bbox_xyxy"]
    assert lines[1][2:7] == [left, top, round(right - left, 3), round(bottom - top, 3), 0.7]


def test_filled_people_are_left_out_on_request(tmp_path: Path) -> None:
    mot.write(make_result(tmp_path), tmp_path / "mot.txt", filled="exclude")
    assert [line[:2] for line in read(tmp_path / "mot.txt")] == [[1, 1], [1, 2], [2, 1], [4, -1]]
