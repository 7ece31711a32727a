"""From files to a warm hybrid: what it says of itself, and what it says where parts are missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.bootstrap.failure import Failure  # noqa: E402
from sidecar.checkpoints.errors import ModelFileRefused  # noqa: E402
from sidecar.estimators.protocol import LoadContext, OptionError  # noqa: E402
from tests.estimators.hybrid.makers import Files, install, load_small, write_models  # noqa: E402

pytestmark = [pytest.mark.torch, pytest.mark.slow]

IMAGE = np.random.default_rng(1).integers(0, 256, (360, 640, 3), np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize("meshes", ["off", "on"])
def test_it_tells_every_part_of_it(files: Files, monkeypatch: pytest.MonkeyPatch, meshes: str) -> None:
    install(files, monkeypatch)
    estimator = load_small(meshes=meshes)
    info = estimator.info
    assert (info.name, info.skeleton.name, info.device, info.runtime[0]) == ("hybrid", "hybrid_61", "cpu", "torch")
    assert [model.name for model in info.models][1:] == ["vitpose-s-simple", "hmr2b", "smpl-neutral"]
    assert info.options == {"flip_test": False, "precision": "f32", "meshes": meshes == "on"}
    assert info.body_model == "smpl-neutral"
    assert (info.faces is None) == (meshes == "off")
    from sidecar.pose.region import Region

    ((person,),) = estimator.estimate([IMAGE], regions=[[Region(300, 180, 200)]], min_score=0.1)
    assert person.keypoints.shape == (61, 4)
    assert person.keypoints_world.shape == (61, 3)
    assert person.body.body_pose.shape == (23, 3, 3)
    assert (person.body.vertices is None) == (meshes == "off")
    assert 0 < person.keypoints[:17, 3].max() <= 1
    assert (person.keypoints[17:, 3] == 1).all()
    estimator.close()


def test_all_missing_files_are_told_at_once_with_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_MODELS_DIR", str(tmp_path))
    monkeypatch.setenv("POSE_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(Failure) as caught:
        load_small(vitpose="h")
    failure = caught.value
    assert failure.code == "MODEL_MISSING"
    assert failure.details is not None
    missing = [one["model"] for one in failure.details["missing"]]
    assert missing[-3:] == ["hmr2b", "smpl-neutral", "vitpose-h"]
    assert f"{len(missing)} of 4 files are missing: {', '.join(missing)}." in failure.message
    assert failure.command is not None
    pulled = [name for name in missing if name != "smpl-neutral"]
    assert failure.command.endswith("-m sidecar models pull " + " ".join(pulled))
    assert failure.command in failure.hint
    assert "--as smpl-neutral" in failure.hint


def test_a_damaged_part_is_named(files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from dataclasses import replace

    short = tmp_path / "hmr2b.ckpt"
    short.write_bytes(files["hmr2b"].path.read_bytes()[:-4])
    install({**files, "hmr2b": replace(files["hmr2b"], path=short)}, monkeypatch)
    with pytest.raises(ModelFileRefused, match=r"hmr2b\.ckpt"):
        load_small()


def test_weights_of_ones_own_are_read(files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = files["vitpose-s-simple"]
    install({name: file for name, file in files.items() if file != own}, monkeypatch)
    from sidecar.estimators.hybrid.loading import load

    options = {"runtime": "torch", "flip_test": "off", "device": "cpu"}
    estimator = load(LoadContext({**options, "vitpose_file": str(own.path)}, threads=1, cache_dir=None))
    assert [(model.name, model.sha256) for model in estimator.info.models][1] == ("file", own.sha256)
    with pytest.raises(ModelFileRefused, match="cannot be read"):
        load(LoadContext({**options, "vitpose_file": str(tmp_path / "absent.pth")}, threads=1, cache_dir=None))


def test_a_bad_option_is_told_before_anything_is_read() -> None:
    from sidecar.estimators.hybrid.loading import load

    with pytest.raises(OptionError, match="unknown option 'model'"):
        load(LoadContext({"model": "b"}, threads=1, cache_dir=None))
