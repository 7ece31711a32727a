"""Files: the truth is what its schema says, the pixels come back, nothing half-written stays."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import jsonschema
import numpy as np
import pytest

from sidecar.mannequin import recording
from sidecar.mannequin.recording import record, truth_path
from sidecar.mannequin.scene import SceneOptions, scene
from tests.paths import ROOT

SCHEMA = json.loads((ROOT / "sidecar" / "mannequin" / "truth.schema.json").read_text(encoding="utf-8"))
SHORT = SceneOptions(people=2, seconds=0.2, width=160, height=90)


def decoded(path: Path) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def test_the_truth_keeps_to_its_schema_and_names_every_frame(tmp_path: Path) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    record(tmp_path / "walk.mp4", SHORT)
    truth = json.loads((tmp_path / "walk.truth.json").read_text(encoding="utf-8"))
    jsonschema.validate(truth, SCHEMA)
    assert truth["source"] == "walk.mp4"
    assert [frame["frame"] for frame in truth["frames"]] == list(range(6))
    assert [len(frame["persons"]) for frame in truth["frames"]] == [2] * 6
    assert all(later["time_s"] > earlier["time_s"] for earlier, later in pairwise(truth["frames"]))


def test_the_truth_in_the_file_is_the_truth_of_the_scene(tmp_path: Path) -> None:
    record(tmp_path / "walk.mp4", SHORT)
    truth = json.loads((tmp_path / "walk.truth.json").read_text(encoding="utf-8"))
    for frame, (_, people) in zip(truth["frames"], scene(SHORT), strict=True):
        for written, person in zip(frame["persons"], people, strict=True):
            assert np.array(written["keypoints"]) == pytest.approx(person.joints2d, abs=1e-3)
            assert np.array(written["keypoints_world"]) == pytest.approx(person.joints3d, abs=1e-4)
            assert written["visible"] == person.visible.tolist()


def test_a_lossless_video_gives_every_pixel_back(tmp_path: Path) -> None:
    record(tmp_path / "exact.mp4", SHORT, lossless=True)
    wanted = [image for image, _ in scene(SHORT)]
    found = decoded(tmp_path / "exact.mp4")
    assert len(found) == len(wanted)
    assert all((a == b).all() for a, b in zip(found, wanted, strict=True))


def test_a_plain_video_is_close_to_what_was_drawn(tmp_path: Path) -> None:
    record(tmp_path / "plain.mp4", SHORT)
    wanted = [image for image, _ in scene(SHORT)]
    found = decoded(tmp_path / "plain.mp4")
    assert len(found) == len(wanted)
    error = np.mean([(a.astype(float) - b) ** 2 for a, b in zip(found, wanted, strict=True)])
    assert 10 * np.log10(255**2 / error) > 28  # dB; half of the colour resolution goes in 4:2:0


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        record(tmp_path / folder / "walk.mp4", SHORT)
    for name in ("walk.mp4", "walk.truth.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_progress_counts_to_the_last_frame(tmp_path: Path) -> None:
    told: list[int] = []
    record(tmp_path / "walk.mp4", SHORT, progress=told.append)
    assert told == [1, 2, 3, 4, 5, 6]


def test_an_interrupted_recording_leaves_what_was_there_before(tmp_path: Path) -> None:
    (tmp_path / "walk.mp4").write_text("before")

    def stop(done: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(tmp_path / "walk.mp4", SHORT, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["walk.mp4"]
    assert (tmp_path / "walk.mp4").read_text() == "before"


def test_a_video_is_written_over_an_older_one(tmp_path: Path) -> None:
    record(tmp_path / "walk.mp4", SHORT)
    record(tmp_path / "walk.mp4", SceneOptions(seconds=0.1, width=160, height=90))
    assert len(decoded(tmp_path / "walk.mp4")) == 3
    assert json.loads(truth_path(tmp_path / "walk.mp4").read_text())["people"] == 1


def test_a_missing_folder_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        record(tmp_path / "nowhere" / "walk.mp4", SHORT)


def test_the_truth_format_has_this_version() -> None:
    assert recording.TRUTH_VERSION == SCHEMA["properties"]["schema_version"]["const"] == 1
