"""Each detector wrapped is the same detector called directly, bit for bit; files that are not theirs are refused."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
pytest.importorskip("torchvision", reason="torchvision is absent: scripts/setup --all")

from sidecar.checkpoints.errors import ModelFileRefused  # noqa: E402
from sidecar.checkpoints.reading import read_state_dict  # noqa: E402
from sidecar.checkpoints.safetensors_file import write_safetensors  # noqa: E402
from sidecar.detectors.catalogue import DETECTORS, RTMDET, TORCHVISION  # noqa: E402
from sidecar.detectors.torchvision import TorchvisionDetector  # noqa: E402
from sidecar.estimators.protocol import ModelRef  # noqa: E402
from sidecar.runtimes.torch import Placement  # noqa: E402
from sidecar.runtimes.torchvision import build  # noqa: E402
from sidecar.weights.manifest import load_manifest  # noqa: E402
from tests.estimators.torchvision.makers import make_image, save_random  # noqa: E402

pytestmark = pytest.mark.torch

ON_CPU = Placement(torch.device("cpu"), torch.float32)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


# One of each architecture; the others are the same code with more layers.
@pytest.mark.parametrize(
    "name", ["fasterrcnn-mobilenet-320", "ssdlite320-mobilenet", "retinanet-resnet50", "fcos-resnet50"]
)
def test_wrapped_is_direct_bit_for_bit(name: str, tmp_path: Path) -> None:
    path, direct = save_random(TORCHVISION[name], tmp_path)
    detector = TorchvisionDetector(ModelRef(name, path, "0" * 64), placement=ON_CPU)
    image = make_image()
    with torch.inference_mode():
        (theirs,) = direct([torch.from_numpy(image).permute(2, 0, 1).contiguous().to(torch.float32) / 255])
    (ours,) = detector.detect([image], min_score=0.1)
    keep = (theirs["labels"] == 1) & (theirs["scores"] >= 0.1)
    assert len(ours) == int(keep.sum()) > 0
    order = np.argsort(-theirs["scores"][keep].numpy(), kind="stable")
    np.testing.assert_array_equal(ours[:, :4], theirs["boxes"][keep].numpy()[order])
    np.testing.assert_array_equal(ours[:, 4], theirs["scores"][keep].numpy()[order])
    assert detector.detect([image], min_score=1.0)[0].shape == (0, 5)


def test_every_detector_has_its_model_and_builder() -> None:
    import torchvision

    for name in DETECTORS:
        entry = load_manifest().entry(name)
        if name != RTMDET:
            published = torchvision.models.get_model_weights(TORCHVISION[name])
            assert entry.sources[0].url in [weights.url for weights in published]  # type: ignore[union-attr]
            assert entry.file.removesuffix(".pth").endswith(f"-{entry.sha256_starts}")


class _Runs:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def write_hostile(path: Path) -> Path:
    mark = path.with_suffix(".ran")
    path.write_bytes(pickle.dumps({"backbone": _Runs(mark)}))
    return mark


def write_hostile_archive(path: Path) -> Path:
    mark = path.with_suffix(".ran")
    torch.save({"backbone": _Runs(mark)}, path)
    return mark


class TestForeignFiles:
    NAME = "ssdlite320_mobilenet_v3_large"

    @pytest.mark.parametrize(
        ("write", "says"),
        [
            (write_hostile, "is neither a torch file nor"),
            (write_hostile_archive, "backbone of its state dict is no tensor"),
        ],
    )
    def test_code_is_not_run(self, tmp_path: Path, write: Any, says: str) -> None:
        mark = write(tmp_path / "evil.pth")
        with pytest.raises(ModelFileRefused, match=rf"evil\.pth: {says}"):
            build(self.NAME, tmp_path / "evil.pth", ON_CPU.device)
        assert not mark.exists()

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "is neither a torch file nor a safetensors file"),
            (b"<html>sign in</html>", "it begins b'<html>sign in</"),
            (b"PK\x03\x04" + b"\0" * 99, "is no whole torch file"),
            (np.random.default_rng(1).bytes(4096), "is neither a torch file nor a safetensors file"),
        ],
        ids=["empty", "a page", "half an archive", "noise"],
    )
    def test_what_is_no_torch_file(self, tmp_path: Path, content: bytes, says: str) -> None:
        (tmp_path / "x.pth").write_bytes(content)
        with pytest.raises(ModelFileRefused, match=rf"x\.pth: .*{says}"):
            build(self.NAME, tmp_path / "x.pth", ON_CPU.device)

    def test_a_truncated_file(self, tmp_path: Path) -> None:
        path, _ = save_random(self.NAME, tmp_path)
        path.write_bytes(path.read_bytes()[:-5000])
        with pytest.raises(ModelFileRefused, match="is no whole torch file"):
            build(self.NAME, path, ON_CPU.device)

    def test_another_family(self, tmp_path: Path) -> None:
        path, _ = save_random("fasterrcnn_mobilenet_v3_large_320_fpn", tmp_path)
        with pytest.raises(ModelFileRefused, match="is of another model than ssdlite320_mobilenet_v3_large"):
            build(self.NAME, path, ON_CPU.device)

    def test_what_is_no_state_dict(self, tmp_path: Path) -> None:
        torch.save([torch.zeros(3)], tmp_path / "list.pth")
        with pytest.raises(ModelFileRefused, match="a checkpoint is a dict of tensors"):
            build(self.NAME, tmp_path / "list.pth", ON_CPU.device)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ModelFileRefused, match="cannot be read"):
            build(self.NAME, tmp_path / "absent.pth", ON_CPU.device)

    def test_the_form_before_1_6_is_read(self, tmp_path: Path) -> None:
        path, direct = save_random(self.NAME, tmp_path)
        torch.save(direct.state_dict(), path, _use_new_zipfile_serialization=False)
        assert_same(build(self.NAME, path, ON_CPU.device), direct)

    def test_safetensors_are_read(self, tmp_path: Path) -> None:
        path, direct = save_random(self.NAME, tmp_path)
        write_safetensors(tmp_path / "x.safetensors", read_state_dict(path), {})
        assert_same(build(self.NAME, tmp_path / "x.safetensors", ON_CPU.device), direct)

    def test_the_names_of_2019_are_read(self, tmp_path: Path) -> None:
        name = "fasterrcnn_mobilenet_v3_large_320_fpn"
        path, direct = save_random(name, tmp_path)
        state = {_of_2019(key): tensor for key, tensor in direct.state_dict().items()}
        assert len(state.keys() - direct.state_dict().keys()) == 10
        torch.save(state, path, _use_new_zipfile_serialization=False)
        assert_same(build(name, path, ON_CPU.device), direct)


def _of_2019(key: str) -> str:
    """As torchvision named it before its layers came with their norms and activations."""
    return re.sub(r"^(rpn\.head\.conv|backbone\.fpn\.\w+_blocks\.\d)(\.0)+\.", r"\1.", key)


def assert_same(ours: Any, theirs: Any) -> None:
    """The same numbers under the same names."""
    expected = theirs.state_dict()
    assert ours.state_dict().keys() == expected.keys()
    for key, tensor in ours.state_dict().items():
        assert torch.equal(tensor, expected[key]), key
