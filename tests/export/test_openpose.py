"""OpenPose JSON: a file per frame, with exactly OpenPose's keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sidecar.export import openpose
from sidecar.results.errors import LandingError
from tests.export.makers import make_result
from tests.results.schemas import validator


def read(folder: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in sorted(folder.iterdir())]


def test_every_frame_has_its_file(tmp_path: Path) -> None:
    assert openpose.write(make_result(tmp_path), tmp_path / "op", filled="include") == 5
    names = sorted(path.name for path in (tmp_path / "op").iterdir())
    assert names == [f"rider_{frame:012d}_keypoints.json" for frame in range(4)]
    frames = read(tmp_path / "op")
    for frame in frames:
        validator("export-openpose").validate(frame)
    ids = [[person["person_id"] for person in frame["people"]] for frame in frames]  # type: ignore[attr-defined]
    assert ids == [[[1], [2]], [[1], [2]], [], [[-1]]]


def test_the_keys_are_these() -> None:
    schema = validator("export-openpose").schema
    assert list(schema["properties"]) == ["version", "people", "part_candidates"]
    assert list(schema["properties"]["people"]["items"]["properties"]) == [
        "person_id", "pose_keypoints_2d", "face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d",
        "pose_keypoints_3d", "face_keypoints_3d", "hand_left_keypoints_3d", "hand_right_keypoints_3d",
    ]  # fmt: skip


def test_filled_people_are_left_out_on_request(tmp_path: Path) -> None:
    assert openpose.write(make_result(tmp_path), tmp_path / "op", filled="exclude") == 4
    assert [len(frame["people"]) for frame in read(tmp_path / "op")] == [2, 1, 0, 1]  # type: ignore[arg-type]


def test_a_second_export_replaces_the_first(tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        openpose.write(make_result(tmp_path, name=name), tmp_path / "op", filled="include")
    assert {path.name[:4] for path in (tmp_path / "op").iterdir()} == {"two_"}


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "op").mkdir()
    (tmp_path / "op" / "keypoints.json").write_text("mine")
    with pytest.raises(LandingError, match=r"holds other files, such as keypoints\.json"):
        openpose.write(make_result(tmp_path), tmp_path / "op", filled="include")
    assert (tmp_path / "op" / "keypoints.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("rider.mp4", "rider"),
        ("rider.cut.MP4", "rider.cut"),
        ("../../etc/passwd", "passwd"),
        ("a\\b:c\n.mp4", "a_b_c_"),
        ("..", ".."),
        ("", "video"),
        ("é" * 300 + ".mp4", "é" * 100),
    ],
)
def test_no_name_leads_out_of_the_folder(name: str, stem: str) -> None:
    assert openpose.file_stem(name) == stem
