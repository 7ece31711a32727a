"""The default model on a mannequin: the same bytes for any number of threads, one id, and people where they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sidecar.mannequin.recording import record, truth_path
from sidecar.mannequin.scene import SceneOptions
from sidecar.video.options import VideoOptions
from sidecar.video.process import process
from sidecar.video.source import identify
from tests.estimators.blazepose.conftest import Load
from tests.video.makers import read_poses


@pytest.mark.slow
def test_poses_of_a_mannequin_do_not_depend_on_threads(load: Load, tmp_path: Path) -> None:
    clip = tmp_path / "walk.mp4"
    record(clip, SceneOptions(seconds=1.5, motion="walk", seed=7))
    directories = [
        process(identify(clip), tmp_path / str(threads), VideoOptions(threads=threads), load(threads=threads)).directory
        for threads in (1, 2)
    ]
    one, two = ((directory / "poses.jsonl").read_bytes() for directory in directories)
    assert one == two
    assert directories[0].name == directories[1].name
    header, frames = read_poses(directories[0])
    assert set(header["digests"]) == {"blazepose-detector", "blazepose-full"}
    assert len(frames) == 45
    truth = json.loads(truth_path(clip).read_bytes())["frames"]
    centres = []
    for frame, true in zip(frames, truth, strict=True):
        (person,), (mannequin,) = frame["persons"], true["persons"]
        assert person["id"] == 1
        centres.append(np.mean([person["keypoints"][hip][:2] for hip in (23, 24)], axis=0))
        centres[-1] -= np.mean([mannequin["keypoints"][hip][:2] for hip in (23, 24)], axis=0)
    assert np.linalg.norm(centres, axis=1).mean() < 15
