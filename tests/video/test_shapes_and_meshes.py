"""What follows from a whole track: one shape for each person, meshes in that shape, and overlays that show them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.estimators.protocol import Cancelled, ModelRef
from sidecar.media.opening import MediaError
from sidecar.media.video_reader import open_video
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.smpl.reading import read_body_model
from sidecar.smpl.skinning import skin
from sidecar.video.blueprint import Blueprint, decode_blueprint, draw_up, encode_blueprint
from sidecar.video.bodies_file import INDEX, KeptBody, read_bodies
from sidecar.video.footage import open_footage
from sidecar.video.process import add_overlay
from sidecar.video.source import identify
from sidecar.weights.store import sha256_of
from tests.media.clips import make_clip
from tests.smpl.makers import make_fields
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.bodies import make_body
from tests.video.makers import OPTIONS, read_poses, run

FRAMES = 12
WITH_OVERLAY = replace(OPTIONS, overlay=True)
GAP = range(5, 8)


@pytest.fixture(scope="module")
def body_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small body, twice as large as a person, of 24 joints."""
    path = tmp_path_factory.mktemp("body") / "caf\udce9.npz"  # a name that is no text
    np.savez(path, **make_fields())
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=FRAMES)


def betas_of(call: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Growing from frame to frame, and once far off."""
    return np.full(10, 50.0 if call == 3 else 0.1 * call, np.float32)


def two_people(body_file: Path, *, meshes: bool = False) -> ScriptedEstimator:
    """One of them is unseen for a while; the other's shape is the first one's, negated."""

    def answer(call: int, regions: Sequence[Region] | None) -> list[Person]:
        body = make_body(1, translation=np.array([-2, 0, 8], np.float32), focal_px=60.0, betas=betas_of(call))
        other = replace(body, betas=-body.betas, translation=np.array([2, 0, 8], np.float32))
        if meshes:
            wrong = np.zeros((60, 3), np.float32)  # those of one frame, which nobody shall see
            body, other = replace(body, vertices=wrong), replace(other, vertices=wrong)
        people = [replace(make_person(16, 24, side=20), body=body)] if call not in GAP else []
        return [*people, replace(make_person(48, 24, side=20), body=other)]

    return ScriptedEstimator(
        answer,
        follows_one_person=False,
        models=(ModelRef("a-body", body_file, sha256_of(body_file)),),
        body_model="a-body",
        faces=read_body_model(body_file).faces if meshes else None,
    )


def kept(folder: Path) -> list[KeptBody]:
    return [one for _, bodies in read_bodies(folder) for one in bodies]


def test_each_person_has_one_shape_the_median_of_the_sightings(clip: Path, body_file: Path, tmp_path: Path) -> None:
    bodies = kept(run(clip, tmp_path, two_people(body_file)).directory)
    assert len(bodies) == 2 * FRAMES
    assert {one.provenance for one in bodies} == {"detected", "interpolated"}
    seen = [call for call in range(FRAMES) if call not in GAP]
    wanted = {
        frozenset({float(np.median([betas_of(call)[0] for call in seen]))}),
        frozenset({float(np.median([-betas_of(call)[0] for call in range(FRAMES)]))}),
    }
    found = {number: {one.body.betas[0].item() for one in bodies if one.id == number} for number in (1, 2)}
    assert {frozenset(shapes) for shapes in found.values()} == wanted
    assert all((one.body.betas == one.body.betas[0]).all() for one in bodies)


def test_meshes_are_those_of_the_shape_and_filled_frames_have_them_too(
    clip: Path, body_file: Path, tmp_path: Path
) -> None:
    folder = run(clip, tmp_path, two_people(body_file, meshes=True)).directory
    model = read_body_model(body_file)
    bodies = kept(folder)
    assert len(bodies) == 2 * FRAMES
    for body in (one.body for one in bodies):
        turns = np.concatenate([body.global_orient[None], body.body_pose])
        wanted = skin(model, turns[None], body.betas[None]).vertices[0]
        assert body.vertices is not None
        np.testing.assert_allclose(body.vertices, wanted, atol=1e-5)
    header = json.loads((folder / INDEX).read_text().splitlines()[0])
    assert header["faces"] == model.faces.tolist()


def test_who_makes_meshes_by_other_means_keeps_them_and_their_shapes(clip: Path, tmp_path: Path) -> None:
    mesh = np.eye(3, dtype=np.float32)

    def answer(call: int, regions: Sequence[Region] | None) -> list[Person]:
        return [replace(make_person(24, 24, side=20), body=make_body(1, betas=betas_of(call), vertices=mesh))]

    estimator = ScriptedEstimator(answer, faces=np.array([[0, 1, 2]], np.uint32))
    bodies = [one.body for one in kept(run(clip, tmp_path, estimator).directory)]
    assert [body.betas[0].item() for body in bodies] == [betas_of(call)[0].item() for call in range(FRAMES)]
    for body in bodies:
        np.testing.assert_array_equal(body.vertices, mesh)


def pictures(folder: Path) -> list[Any]:
    with open_video(folder / "overlay.mp4") as drawn:
        return [frame.image for frame in drawn]


def test_an_overlay_shows_the_bodies_in_every_frame_whenever_it_is_drawn(
    clip: Path, body_file: Path, tmp_path: Path
) -> None:
    at_once = run(clip, tmp_path / "at once", two_people(body_file), options=WITH_OVERLAY).directory
    first = run(clip, tmp_path / "later", two_people(body_file))
    assert not (first.directory / "overlay.mp4").exists()
    later = run(clip, tmp_path / "later", two_people(body_file), options=WITH_OVERLAY)
    assert later.reused
    for name in ("overlay.mp4", "bodies.f32", "bodies.jsonl", "poses.jsonl"):
        assert (later.directory / name).read_bytes() == (at_once / name).read_bytes(), name
    nobody = two_people(body_file)
    nobody.answer = lambda call, regions: [replace(one, body=None) for one in two_people(body_file).answer(call, None)]
    bare = run(clip, tmp_path / "bare", nobody, options=WITH_OVERLAY).directory
    assert not (bare / INDEX).exists()
    for with_body, without in zip(pictures(at_once), pictures(bare), strict=True):
        changed = np.abs(with_body.astype(int) - without).max(axis=2) > 25
        assert changed[:, :32].mean() > 0.01, "the one who is unseen for a while"
        assert changed[:, 32:].mean() > 0.01


def blueprint_of(clip: Path, body_file: Path) -> Blueprint:
    source = identify(clip)
    return draw_up("video_0", source, open_footage(source), WITH_OVERLAY, two_people(body_file))


def test_a_blueprint_tells_the_body_to_whoever_assembles(clip: Path, body_file: Path) -> None:
    blueprint = blueprint_of(clip, body_file)
    assert blueprint.bodies is not None
    assert blueprint.bodies.path == body_file
    assert decode_blueprint(encode_blueprint(blueprint)).bodies == blueprint.bodies
    assert draw_up("video_0", blueprint.source, open_footage(blueprint.source), OPTIONS, ScriptedEstimator(
        lambda call, regions: []
    )).bodies is None  # fmt: skip


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "replaced"])
@pytest.mark.parametrize("meshes", [True, False])
def test_a_body_that_is_no_longer_there_ends_the_run_and_leaves_nothing(
    clip: Path, body_file: Path, tmp_path: Path, gone: bool, meshes: bool
) -> None:
    other = tmp_path / "other.npz"
    other.write_bytes(body_file.read_bytes())
    estimator = two_people(other, meshes=meshes)
    other.unlink() if gone else np.savez(other, **make_fields(seed=2))
    with pytest.raises(ModelFileRefused, match="cannot be read" if gone else "has changed while a video was in work"):
        run(clip, tmp_path / "out", estimator, options=WITH_OVERLAY)
    assert [path.name for path in (tmp_path / "out").iterdir() if not path.name.endswith(".work")] == []


def test_an_overlay_that_is_stopped_leaves_the_result_as_it_was(clip: Path, body_file: Path, tmp_path: Path) -> None:
    folder = run(clip, tmp_path / "out", two_people(body_file)).directory
    before = sorted(path.name for path in folder.iterdir())
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        add_overlay(blueprint_of(clip, body_file), folder, check=check)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == [folder.name]


DAMAGE: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "numbers cut off": ("bodies.f32", lambda data: data[:-40], "bodies.f32 ends inside the body at byte"),
    "numbers gone": ("bodies.f32", lambda data: b"", "ends inside the body at byte 0"),
    "an index of something else": ("bodies.jsonl", lambda data: data + b'{"frame": "x"}\n', "'bodies'"),
    "a torn line": ("bodies.jsonl", lambda data: data[:-9], "damaged"),
    "a place before the start": ("bodies.jsonl", lambda data: data.replace(b'"offset":0,', b'"offset":-4,'), "got -4"),
    "a mesh without end": (
        "bodies.jsonl",
        lambda data: data.replace(b'"vertices":0', b'"vertices":99999999'),
        "99999999",
    ),
    "poses cut off": ("poses.jsonl", lambda data: data[:-9], "damaged"),
    "poses of another kind": ("poses.jsonl", lambda data: data.replace(b'"persons"', b'"people"'), "'persons'"),
}


@pytest.mark.parametrize(("name", "spoil", "says"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_result_is_named_and_left_as_it_was(
    clip: Path, body_file: Path, tmp_path: Path, name: str, spoil: Callable[[bytes], bytes], says: str
) -> None:
    folder = run(clip, tmp_path / "out", two_people(body_file)).directory
    spoilt = spoil((folder / name).read_bytes())
    (folder / name).write_bytes(spoilt)
    with pytest.raises(MediaError, match=says) as caught:
        run(clip, tmp_path / "out", two_people(body_file), options=WITH_OVERLAY)
    assert "--force" in caught.value.hint
    assert (folder / name).read_bytes() == spoilt
    assert [path.name for path in (tmp_path / "out").iterdir()] == [folder.name]
    mended = run(clip, tmp_path / "out", two_people(body_file), options=WITH_OVERLAY, force=True)
    assert len(pictures(mended.directory)) == FRAMES


def test_frames_without_anybody_are_drawn_too(clip: Path, body_file: Path, tmp_path: Path) -> None:
    estimator = two_people(body_file)
    estimator.answer = lambda call, regions: []
    folder = run(clip, tmp_path, estimator, options=WITH_OVERLAY).directory
    assert len(pictures(folder)) == len(read_poses(folder)[1]) == FRAMES
    assert sorted(path.name for path in folder.iterdir()) == ["overlay.mp4", "poses.jsonl", "summary.json"]
