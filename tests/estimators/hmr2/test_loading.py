"""From files to a warm estimator: a small network in the true layout, a body of the true size."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.bootstrap.failure import Failure
from sidecar.checkpoints.safetensors_file import write_safetensors
from sidecar.estimators.protocol import LoadContext, ModelRef, OptionError
from sidecar.estimators.vit.sizes import VitSize
from tests.estimators.hmr2.layout import TINY, tiny_checkpoint
from tests.estimators.hmr2.makers import FakeDetector
from tests.smpl.makers import make_fields, python2_bytes, write_smpl

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
pytestmark = [pytest.mark.torch, pytest.mark.slow]


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fields = make_fields(vertices=6890, faces=13776)
    fields["v_template"] *= 0.3
    return write_smpl(tmp_path_factory.mktemp("smpl") / "SMPL_NEUTRAL.pkl", fields)


@pytest.fixture
def files(tmp_path: Path, body: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """What `locate` finds, by name; the network is made small."""
    from sidecar.estimators.hmr2 import loading
    from sidecar.estimators.hmr2.head import HeadSize
    from sidecar.estimators.hmr2.network import load_network

    found = {"hmr2b": tmp_path / "hmr2b.ckpt", "smpl-neutral": body, "smpl-joints": tmp_path / "SMPL_to_J19.pkl"}
    write_safetensors(found["hmr2b"], tiny_checkpoint(), {})
    found["smpl-joints"].write_bytes(python2_bytes(np.full((19, 6890), 1 / 6890)))
    small = partial(load_network, backbone=VitSize(24, 2, 4), head=HeadSize(**TINY))
    monkeypatch.setattr(loading, "load_network", small)
    monkeypatch.setattr(loading, "load_detector", lambda *_: FakeDetector((100, 50, 190, 250, 0.8)))
    monkeypatch.setattr(loading, "locate", lambda name: ModelRef(name, found[name], name.ljust(64, "0")))
    return found


def load(warnings: list[str] | None = None, **options: Any) -> Any:
    from sidecar.estimators.hmr2.loading import load as load_hmr2

    heard = [] if warnings is None else warnings
    return load_hmr2(LoadContext(options, threads=1, cache_dir=None, warn=lambda code, *_: heard.append(code)))


IMAGE = np.random.default_rng(1).integers(0, 256, (360, 640, 3), np.uint8)


def test_a_picture_becomes_people(files: dict[str, Path]) -> None:
    estimator = load(device="cpu", meshes="on")
    info = estimator.info
    assert (info.name, info.device, info.runtime[0], info.detector) == ("hmr2", "cpu", "torch", "rtmdet-nano")
    assert [model.name for model in info.models] == ["fake", "hmr2b", "smpl-neutral"]
    assert info.options == {"precision": "f32", "meshes": True}
    assert info.faces.shape == (13776, 3)
    ((person,),) = estimator.estimate([IMAGE])
    assert person.keypoints.shape == (44, 4)
    assert person.body.vertices.shape == (6890, 3)
    assert not np.allclose(person.body.body_pose, np.eye(3)), "the network was not asked"
    estimator.close()


def test_joints_come_from_their_own_file_where_the_checkpoint_has_none(files: dict[str, Path]) -> None:
    state = tiny_checkpoint()
    del state["smpl.J_regressor_extra"]
    write_safetensors(files["hmr2b"], state, {})
    estimator = load(device="cpu")
    assert [model.name for model in estimator.info.models] == ["fake", "hmr2b", "smpl-neutral", "smpl-joints"]


def test_joints_of_another_shape_are_refused(files: dict[str, Path]) -> None:
    state = tiny_checkpoint()
    state["smpl.J_regressor_extra"] = np.zeros((9, 6890), np.float32)
    write_safetensors(files["hmr2b"], state, {})
    with pytest.raises(Failure, match="J_regressor_extra"):
        load(device="cpu")


def test_a_body_of_another_size_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    files["smpl-neutral"] = write_smpl(tmp_path / "SMPLX.pkl", make_fields())
    with pytest.raises(Failure, match="SMPL has 6890"):
        load(device="cpu")


def test_a_damaged_checkpoint_is_refused(files: dict[str, Path]) -> None:
    files["hmr2b"].write_bytes(files["hmr2b"].read_bytes()[:-4])
    with pytest.raises(Failure) as caught:
        load(device="cpu")
    assert caught.value.code == "MODEL_LOAD_FAILED"


@pytest.mark.skipif(torch.cuda.is_available(), reason="platform: this machine has CUDA")
def test_cuda_that_is_not_there_fails_unless_the_cpu_may_stand_in(files: dict[str, Path]) -> None:
    with pytest.raises(Failure, match="cuda") as caught:
        load(device="cuda")
    assert caught.value.code == "CONFIG_INVALID"
    warnings: list[str] = []
    assert load(warnings, device="cuda", fallback="cpu").info.device == "cpu"
    assert warnings == ["device_fallback"]


def test_a_bad_option_is_told_before_anything_is_read(files: dict[str, Path]) -> None:
    files.clear()
    with pytest.raises(OptionError, match="batch"):
        load(batch=0)
