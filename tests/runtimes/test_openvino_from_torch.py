"""Torch modules on OpenVINO: held against torch when they are made, and at every start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch: Any = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.bootstrap.failure import Failure  # noqa: E402
from sidecar.runtimes import openvino_from_torch as ours  # noqa: E402
from sidecar.runtimes.blob_cache import write_blob  # noqa: E402
from tests.runtimes.test_openvino import Warnings  # noqa: E402

pytestmark = pytest.mark.torch

SHAPE = (1, 8, 6, 3)


class Tiny(torch.nn.Module):  # type: ignore[misc]
    """(1, 8, 6, 3) uint8 to (1, 4, 8, 6) float32."""

    def __init__(self, seed: int = 3) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.convolution = torch.nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, pixels: Any) -> Any:
        return torch.nn.functional.gelu(self.convolution(pixels.permute(0, 3, 1, 2).float() / 255))


class Maker:
    """Makes the module, and counts."""

    def __init__(self, seed: int = 3) -> None:
        self.seed = seed
        self.made = 0

    def __call__(self) -> Any:
        self.made += 1
        return Tiny(self.seed).eval()


def load(make: Any, cache: Path | None, warnings: Warnings, *, variant: str = "v") -> Any:
    torch.set_num_threads(1)
    return ours.load_module(
        Path("tiny.pth"),
        "0" * 64,
        variant=variant,
        make=make,
        input_shape=SHAPE,
        threads=1,
        cache_dir=cache,
        warn=warnings,
    )


def run(model: Any, seed: int = 9) -> tuple[Any, Any]:
    pixels = np.random.default_rng(seed).integers(0, 256, SHAPE, dtype=np.uint8)
    model.input[:] = pixels
    with torch.inference_mode():
        wanted = Tiny()(torch.from_numpy(pixels)).numpy()
    return model()[0].copy(), wanted


def assert_equal(both: tuple[Any, Any]) -> None:
    np.testing.assert_allclose(both[0], both[1], atol=1e-5)


def test_it_answers_as_torch_and_the_second_start_needs_no_torch(tmp_path: Path) -> None:
    warnings = Warnings()
    first = Maker()
    assert_equal(run(load(first, tmp_path, warnings)))
    second = Maker()
    assert_equal(run(load(second, tmp_path, warnings)))
    assert (first.made, second.made, warnings) == (1, 0, [])


def test_without_a_cache_it_is_made_every_time() -> None:
    maker = Maker()
    assert_equal(run(load(maker, None, Warnings())))
    load(maker, None, Warnings())
    assert maker.made == 2


def test_another_variant_is_another_entry(tmp_path: Path) -> None:
    load(Maker(), tmp_path, Warnings())
    maker = Maker()
    load(maker, tmp_path, Warnings(), variant="w")
    assert maker.made == 1


def test_a_conversion_that_answers_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "_ask_torch", lambda module, probe: Tiny(4)(torch.from_numpy(probe)).detach().numpy())
    with pytest.raises(Failure, match=r"answers otherwise than torch for tiny\.pth: by .* of the range") as refused:
        load(Maker(), tmp_path, Warnings())
    assert refused.value.code == "MODEL_LOAD_FAILED"
    assert "runtime=torch" in refused.value.hint


def kept_answer(cache: Path) -> Path:
    return next((cache / "openvino").glob("tiny-torch-*.blob"))


def test_a_compiled_model_that_changed_its_mind_is_refused(tmp_path: Path) -> None:
    load(Maker(), tmp_path, Warnings())
    write_blob(kept_answer(tmp_path), np.zeros((1, 4, 8, 6), np.float32).tobytes())
    with pytest.raises(Failure, match="answers otherwise than torch"):
        load(Maker(), tmp_path, Warnings())


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 5000])
def test_a_damaged_answer_is_asked_again(tmp_path: Path, damage: bytes) -> None:
    load(Maker(), tmp_path, Warnings())
    kept_answer(tmp_path).write_bytes(damage)
    warnings, maker = Warnings(), Maker()
    assert_equal(run(load(maker, tmp_path, warnings)))
    assert (warnings.codes, maker.made) == (["model_cache_damaged"], 1)
    load(maker, tmp_path, Warnings())
    assert maker.made == 1  # it was kept again
