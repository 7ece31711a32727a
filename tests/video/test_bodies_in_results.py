"""From an estimator of bodies to the files of a result: numbers, triangles, and meshes in the overlay."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from sidecar.media.video_reader import open_video
from sidecar.video.blueprint import decode_blueprint, draw_up, encode_blueprint
from sidecar.video.bodies_file import INDEX, NUMBERS, PARAMETER_COUNT
from sidecar.video.footage import open_footage
from sidecar.video.source import identify
from tests.media.clips import make_clip
from tests.overlay.test_mesh import BALL, FACES
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.bodies import make_body
from tests.video.makers import OPTIONS, run

WITH_OVERLAY = replace(OPTIONS, overlay=True)


def somebody(*, meshes: bool = True, seen: bool = True) -> ScriptedEstimator:
    """One person with a ball for a body, in the middle of the picture."""
    body = make_body(translation=np.array([0, 0, 4], np.float32), focal_px=100.0, vertices=BALL if meshes else None)
    person = replace(make_person(10, 24, side=20), body=body)
    return ScriptedEstimator(lambda call, regions: [person] if seen else [], faces=FACES if meshes else None)


def middle(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[int]:
    height, width = image.shape[:2]
    return [int(value) for value in image[height // 2, width // 2]]


def test_a_video_keeps_a_body_for_every_frame_and_shows_it(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=6)
    folder = run(clip, tmp_path, somebody(), options=WITH_OVERLAY).directory
    header, *lines = (json.loads(line) for line in (folder / INDEX).read_text().splitlines())
    assert header["faces"] == FACES.tolist()
    assert [line["frame"] for line in lines] == list(range(6))
    assert {entry["vertices"] for line in lines for entry in line["bodies"]} == {len(BALL)}
    assert (folder / NUMBERS).stat().st_size == 6 * 4 * (PARAMETER_COUNT + BALL.size)
    bare = run(clip, tmp_path / "bare", somebody(meshes=False), options=WITH_OVERLAY).directory
    for name in (INDEX, "poses.jsonl", "summary.json", "overlay.mp4"):
        assert (bare / name).is_file(), name
    with open_video(folder / "overlay.mp4") as drawn, open_video(bare / "overlay.mp4") as plain:
        for one, other in zip(drawn, plain, strict=True):
            assert np.abs(np.subtract(middle(one.image), middle(other.image))).max() > 20


def test_parameters_without_meshes_are_kept_too(tmp_path: Path) -> None:
    folder = run(make_clip(tmp_path / "clip.mp4", frames=3), tmp_path, somebody(meshes=False)).directory
    header, *lines = (json.loads(line) for line in (folder / INDEX).read_text().splitlines())
    assert header["faces"] is None
    assert [entry["vertices"] for line in lines for entry in line["bodies"]] == [0, 0, 0]


def test_where_nobody_has_a_body_there_is_no_such_file(tmp_path: Path) -> None:
    folder = run(make_clip(tmp_path / "clip.mp4", frames=3), tmp_path, somebody(seen=False)).directory
    assert {file.name for file in folder.iterdir()} == {"poses.jsonl", "summary.json"}


@pytest.mark.parametrize("meshes", [True, False])
def test_a_picture_is_as_good_as_a_video(tmp_path: Path, meshes: bool) -> None:
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.full((48, 64, 3), 90, np.uint8))
    folder = run(photo, tmp_path, somebody(meshes=meshes), options=WITH_OVERLAY).directory
    assert len((folder / INDEX).read_text().splitlines()) == 2
    shown = cv2.imread(str(folder / "overlay.png"))
    assert shown is not None
    assert (middle(np.asarray(shown, np.uint8)) != [90, 90, 90]) == meshes


def test_a_blueprint_carries_the_triangles_to_whoever_assembles(tmp_path: Path) -> None:
    source = identify(make_clip(tmp_path / "clip.mp4", frames=3))
    for meshes in (True, False):
        blueprint = draw_up("video_0", source, open_footage(source), OPTIONS, somebody(meshes=meshes))
        faces = decode_blueprint(encode_blueprint(blueprint)).faces
        assert (faces is None) != meshes
        if faces is not None:
            np.testing.assert_array_equal(faces, FACES)
