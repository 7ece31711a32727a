"""Bodies through time, and the files that keep them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sidecar.pose.body import Body
from sidecar.video.bodies_file import INDEX, NUMBERS, PARAMETER_COUNT, BodiesFile
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import BrokenPose
from tests.video.bodies import make_body
from tests.video.test_assemble import assemble, walker

FACES = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.uint32)
MESH = np.arange(12, dtype=np.float32).reshape(4, 3)


def frame(index: int, *bodies: Body | None) -> FramePeople:
    return FramePeople(index, index / 30, tuple(replace(walker(index), id=n, body=b) for n, b in enumerate(bodies, 1)))


def read(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]], NDArray[np.float32]]:
    """The files as a stranger reads them, from what the header says."""
    header, *lines = (json.loads(line) for line in (folder / INDEX).read_text().splitlines())
    return header, lines, np.fromfile(folder / header["numbers"], "<f4")


def test_every_body_is_where_the_index_says(tmp_path: Path) -> None:
    bodies = [make_body(seed, vertices=MESH + seed if seed % 2 else None) for seed in range(4)]
    with BodiesFile(tmp_path, FACES) as file:
        file.add(frame(0, bodies[0]))
        file.add(frame(1))
        file.add(frame(2, None))
        file.add(frame(5, bodies[1], None, bodies[2]))
        file.add(frame(6, bodies[3]))
    header, lines, numbers = read(tmp_path)
    assert header["schema_version"] == 1
    assert header["faces"] == FACES.tolist()
    assert [line["frame"] for line in lines] == [0, 5, 6]
    assert [[entry["id"] for entry in line["bodies"]] for line in lines] == [[1], [1, 3], [1]]
    entries = [entry for line in lines for entry in line["bodies"]]
    for body, entry in zip(bodies, entries, strict=True):
        at = entry["offset"] // 4
        for parameter in header["parameters"]:
            count = int(np.prod(parameter["shape"]))
            found = numbers[at : at + count].reshape(parameter["shape"])
            np.testing.assert_array_equal(found, getattr(body, parameter["name"]))
            at += count
        mesh = numbers[at : at + 3 * entry["vertices"]].reshape(-1, 3)
        np.testing.assert_array_equal(mesh, np.zeros((0, 3)) if body.vertices is None else body.vertices)
    assert len(numbers) == 4 * PARAMETER_COUNT + 2 * MESH.size
    assert PARAMETER_COUNT == 9 + 207 + 10 + 3 + 1


def test_without_bodies_there_are_no_files(tmp_path: Path) -> None:
    with BodiesFile(tmp_path) as file:
        file.add(frame(0))
        file.add(frame(1, None))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"body_pose": np.zeros((20, 3, 3), np.float32)}, r"body_pose of a body must have shape \(23, 3, 3\)"),
        ({"betas": np.full(10, np.nan, np.float32)}, "must be finite, got nan"),
        ({"vertices": np.full((4, 3), np.inf, np.float32)}, "must be finite, got inf"),
    ],
    ids=["another body", "not a number", "infinite"],
)
def test_a_broken_body_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with BodiesFile(tmp_path) as file, pytest.raises(BrokenPose, match=says):
        file.add(frame(0, make_body(**changes)))
    assert (tmp_path / NUMBERS).stat().st_size == 0


def test_a_body_turns_on_the_shortest_arc_through_a_gap() -> None:
    def turned(degrees: float) -> Body:
        return make_body(
            global_orient=Rotation.from_euler("y", degrees, degrees=True).as_matrix().astype(np.float32), vertices=MESH
        )

    frames = [[] if 15 <= index < 20 else [replace(walker(index), body=turned(6.0 * index))] for index in range(40)]
    people = [found[0] for found in assemble(frames)]
    for index, person in enumerate(people):
        assert person.body is not None
        angle = Rotation.from_matrix(person.body.global_orient).as_euler("yxz", degrees=True)[0] % 360
        assert angle == pytest.approx(6.0 * index, abs=0.01)
        assert (person.body.vertices is None) == (15 <= index < 20)
    assert [person.provenance for person in people[14:21]] == ["detected", *["interpolated"] * 5, "detected"]


def test_a_body_is_never_copied_into_frames_in_which_nobody_was_seen() -> None:
    frames = [[replace(walker(index), body=make_body() if index != 14 else None)] for index in range(30)]
    frames[15:20] = [[]] * 5
    assert [person.body is None for (person,) in assemble(frames)] == [14 <= index < 20 for index in range(30)]
