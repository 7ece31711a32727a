"""A real clip through the hybrid: every file of a result, for one worker and two, and what can be made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.cli import export, report, video  # noqa: E402
from sidecar.mannequin.recording import record  # noqa: E402
from sidecar.mannequin.scene import SceneOptions  # noqa: E402
from sidecar.media.video_reader import open_video  # noqa: E402
from sidecar.media.video_writer import VideoWriter  # noqa: E402
from sidecar.video import plan as planning  # noqa: E402
from sidecar.video.bodies_file import INDEX, read_bodies  # noqa: E402
from sidecar.video.options import VideoOptions  # noqa: E402
from sidecar.video.pooled import Begun, SegmentWorker, assemble, plan  # noqa: E402
from sidecar.video.work_dir import work_path  # noqa: E402
from tests.estimators.hybrid.makers import SMALL, Files, install, load_small, write_models  # noqa: E402
from tests.paths import FIXTURES  # noqa: E402
from tests.results.schemas import validator  # noqa: E402
from tests.video.makers import read_poses  # noqa: E402
from tests.video.test_pooled import Never  # noqa: E402

pytestmark = [pytest.mark.torch, pytest.mark.slow]

FRAMES = 8
RESULT = ["bodies.f32", "bodies.jsonl", "overlay.mp4", "poses.jsonl", "summary.json"]
OPTIONS = VideoOptions(estimator="hybrid", estimator_options=SMALL, min_score=0.1)
FLAGS = [
    *("--estimator", "hybrid", "--min-score", "0.1", "--threads", "1"),
    *(f"--option={name}={value}" for name, value in SMALL.items()),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def small(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    install(files, monkeypatch)
    monkeypatch.setattr(planning, "SEGMENT_FRAMES_MIN", 4)  # so that few frames make several segments


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first frames of a real clip where the fixtures are, else of a mannequin."""
    source, path = FIXTURES / "clips" / "dryslope.mp4", tmp_path_factory.mktemp("clip") / "clip.mp4"
    if not source.exists():
        record(path, SceneOptions(seconds=FRAMES / 30, motion="walk"))
        return path
    with open_video(source) as reader:
        info = reader.info
        with VideoWriter(path, width=info.width, height=info.height, fps=info.fps, time_base=info.time_base) as writer:
            for frame in reader:
                if frame.index == FRAMES:
                    break
                writer.write(frame.image, frame.time_s)
    return path


@pytest.fixture(scope="module")
def made(clip: Path, files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of one process, as the command line makes it."""
    with pytest.MonkeyPatch.context() as patch:
        install(files, patch)
        patch.setattr(planning, "SEGMENT_FRAMES_MIN", 4)
        out = tmp_path_factory.mktemp("out")
        assert video.main([str(clip), "--out", str(out), *FLAGS]) == 0
    (folder,) = out.iterdir()
    return folder


def test_every_file_is_there_and_fits_its_schema(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir()) == RESULT
    header, frames = read_poses(made)
    validator("poses-header").validate(header)
    assert (header["estimator"], header["skeleton"]["name"]) == ("hybrid", "hybrid_61")
    assert set(header["digests"]) >= {"vitpose-s-simple", "hmr2b", "smpl-neutral"}
    assert len(frames) == FRAMES
    for frame in frames:
        validator("poses-frame").validate(frame)
    people = [person for frame in frames for person in frame["persons"]]
    assert people
    for person in people:
        assert (len(person["keypoints"]), len(person["keypoints_world"])) == (61, 61)
    validator("summary").validate(json.loads((made / "summary.json").read_bytes()))
    index_header, *index = [json.loads(line) for line in (made / INDEX).read_text().splitlines()]
    validator("bodies-header").validate(index_header)
    for line in index:
        validator("bodies-frame").validate(line)
    told = {(frame["frame"], person["id"]) for frame in frames for person in frame["persons"]}
    assert {(line["frame"], body["id"]) for line in index for body in line["bodies"]} == told
    with open_video(made / "overlay.mp4") as drawn:
        assert sum(1 for _ in drawn) == FRAMES


def test_a_person_has_one_shape_throughout(made: Path) -> None:
    shapes: dict[int | None, set[tuple[float, ...]]] = {}
    for _, bodies in read_bodies(made):
        for one in bodies:
            shapes.setdefault(one.id, set()).add(tuple(one.body.betas.tolist()))
    assert shapes
    assert all(len(found) == 1 for found in shapes.values())


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_and_their_order_change_no_byte(made: Path, clip: Path, tmp_path: Path, workers: int) -> None:
    estimators = [load_small() for _ in range(workers)]
    planned = plan(clip, tmp_path, OPTIONS, estimators[0], fps=None, force=False, cancel=Never())
    blueprint = planned.blueprint
    assert blueprint is not None
    assert blueprint.name == made.name
    assert len(blueprint.segments) > 1
    staff = [SegmentWorker() for _ in estimators]
    for step in assemble(blueprint, tmp_path, force=False, with_frames=False, check=lambda: None):
        assert isinstance(step, Begun)
        for number in reversed(step.missing):
            who = number % workers
            work = work_path(tmp_path, blueprint.name)
            staff[who].work(work, number, estimators[who], cancel=Never(), on_frame=lambda: None)
    for name in RESULT:
        if name != "summary.json":  # which tells times
            assert (tmp_path / made.name / name).read_bytes() == (made / name).read_bytes(), name


def difference(one: Path, other: Path) -> list[float]:
    with open_video(one) as first, open_video(other) as second:
        return [
            float((np.abs(a.image.astype(int) - b.image).max(axis=2) > 40).mean())
            for a, b in zip(first, second, strict=True)
        ]


def test_the_overlay_shows_the_bodies(made: Path, clip: Path) -> None:
    _, frames = read_poses(made)
    for frame, changed in zip(frames, difference(made / "overlay.mp4", clip), strict=True):
        if frame["persons"]:
            assert changed > 0.01, frame["frame"]


def test_an_overlay_asked_for_later_is_the_same(made: Path, clip: Path, tmp_path: Path) -> None:
    assert video.main([str(clip), "--out", str(tmp_path), *FLAGS, "--no-overlay"]) == 0
    folder = tmp_path / made.name
    assert not (folder / "overlay.mp4").exists()
    assert video.main([str(clip), "--out", str(tmp_path), *FLAGS]) == 0
    assert (folder / "overlay.mp4").read_bytes() == (made / "overlay.mp4").read_bytes()


def test_meshes_come_where_they_are_asked_for_and_change_no_pose(made: Path, clip: Path, tmp_path: Path) -> None:
    assert video.main([str(clip), "--out", str(tmp_path), *FLAGS, "--option", "meshes=on"]) == 0
    (folder,) = tmp_path.iterdir()
    assert folder.name != made.name, "another option, another result"
    assert read_poses(folder)[1] == read_poses(made)[1]
    assert (folder / "overlay.mp4").read_bytes() == (made / "overlay.mp4").read_bytes()
    bodies = [one.body for _, frame in read_bodies(folder) for one in frame]
    assert {len(body.vertices) for body in bodies if body.vertices is not None} == {6890}
    assert len(json.loads((folder / INDEX).read_text().splitlines()[0])["faces"]) == 13776


@pytest.mark.parametrize("format_", ["coco", "openpose", "mot", "csv"])
def test_it_goes_into_every_format(made: Path, tmp_path: Path, format_: str) -> None:
    out = tmp_path / "export"
    assert export.main([str(made), "--format", format_, "--out", str(out)]) == 0
    people = [person for frame in read_poses(made)[1] for person in frame["persons"]]
    if format_ == "coco":
        content = json.loads(out.read_bytes())
        validator("export-coco").validate(content)
        assert len(content) == len(people)
        wanted = np.array(people[0]["keypoints"])[:17, [0, 1, 3]]
        found = np.array(content[0]["keypoints"]).reshape(17, 3)
        np.testing.assert_allclose(found[wanted[:, 2] > 0], wanted[wanted[:, 2] > 0], atol=0.01)
    elif format_ == "openpose":
        assert len(list(out.iterdir())) == FRAMES
        for file in out.iterdir():
            validator("export-openpose").validate(json.loads(file.read_bytes()))
    else:
        assert out.read_text().count("\n") >= len(people)


def test_it_has_a_report(made: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert report.main([str(made), "--out", str(page)]) == 0
    assert "hybrid_61" in page.read_text(encoding="utf-8") or "hybrid" in page.read_text(encoding="utf-8")


def test_a_picture_has_the_same_files(clip: Path, tmp_path: Path) -> None:
    import cv2

    with open_video(clip) as reader:
        image: Any = next(iter(reader)).image
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert video.main([str(photo), "--out", str(tmp_path / "out"), *FLAGS]) == 0
    (folder,) = (tmp_path / "out").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [name.replace("mp4", "png") for name in RESULT]
    shown: Any = cv2.imread(str(folder / "overlay.png"))
    assert (np.abs(shown[:, :, ::-1].astype(int) - image).max(axis=2) > 40).mean() > 0.01
