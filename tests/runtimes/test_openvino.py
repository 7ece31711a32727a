"""The traps of OpenVINO, each held closed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.bootstrap.failure import Failure
from sidecar.runtimes import openvino
from sidecar.runtimes.blob_cache import write_blob
from sidecar.runtimes.openvino import Model, load_model
from tests.paths import ROOT
from tests.runtimes.tiny_model import SHAPE, WEIGHTS, save_tiny_model

IMAGE: NDArray[np.float32] = np.random.default_rng(3).uniform(0, 1, SHAPE).astype(np.float32)

Load = Callable[..., Model]


class Warnings(list[tuple[str, str, str | None]]):
    """Collects what `warn` is told."""

    def __call__(self, code: str, message: str, hint: str | None) -> None:
        self.append((code, message, hint))

    @property
    def codes(self) -> list[str]:
        return [code for code, _, _ in self]


@pytest.fixture
def warnings() -> Warnings:
    return Warnings()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def load(tmp_path: Path, cache: Path, warnings: Warnings) -> Load:
    path, digest = save_tiny_model(tmp_path)

    def call(*, outputs: tuple[str, ...] = ("product",), threads: int = 1, cache_dir: Path | None = cache) -> Model:
        return load_model(path, digest, outputs=outputs, threads=threads, cache_dir=cache_dir, warn=warnings)

    return call


def run(model: Model) -> NDArray[np.float32]:
    model.input[:] = IMAGE
    return model()[0].copy()


def entries(cache: Path) -> list[Path]:
    return sorted((cache / openvino.BLOB_FOLDER).glob("*.blob"))


def test_products_are_exact_to_f32_also_when_imported(load: Load, warnings: Warnings) -> None:
    expected = IMAGE.astype(np.float64) @ WEIGHTS.astype(np.float64)
    for model in (load(), load()):  # compiled, then from the cache
        np.testing.assert_allclose(run(model), expected, rtol=1e-6)
    assert warnings == []


def test_another_precision_is_a_failure_and_not_a_slow_surprise(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    class Elsewhere:
        """A device that runs in bf16 whatever it is told."""

        def get_property(self, name: str) -> str:
            return "bf16"

    monkeypatch.setattr(openvino, "_compile", lambda *arguments: Elsewhere())
    with pytest.raises(Failure, match=r"runs tiny\.xml in bf16") as caught:
        load(cache_dir=None)
    assert caught.value.code == "MODEL_LOAD_FAILED"


def test_threads_and_cache_change_no_bit(load: Load) -> None:
    outputs = [run(load(threads=threads, cache_dir=None)) for threads in (1, 2)]
    outputs += [run(load(threads=threads)) for threads in (1, 2, 2, 1)]
    assert all(np.array_equal(output, outputs[0]) for output in outputs)


def test_thread_counts_share_one_blob_and_outputs_do_not(load: Load, cache: Path) -> None:
    load(threads=1)
    load(threads=2)
    assert len(entries(cache)) == 1
    load(outputs=("product", "unwanted"))
    assert len(entries(cache)) == 2


def test_a_damaged_blob_is_compiled_again_with_a_warning_and_the_same_numbers(
    load: Load, cache: Path, warnings: Warnings
) -> None:
    before = run(load())
    (entry,) = entries(cache)
    good = entry.read_bytes()
    entry.write_bytes(good[:-100] + bytes(255 - byte for byte in good[-100:]))
    assert np.array_equal(run(load()), before)
    assert warnings.codes == ["model_cache_damaged"]
    assert str(entry) in warnings[0][1]
    assert np.array_equal(run(load()), before)
    assert warnings.codes == ["model_cache_damaged"], "the blob was not written again"


def test_a_blob_that_openvino_refuses_is_compiled_again(load: Load, cache: Path, warnings: Warnings) -> None:
    before = run(load())
    (entry,) = entries(cache)
    write_blob(entry, b"a digest of our own, and no model")
    assert np.array_equal(run(load()), before)
    assert warnings.codes == ["model_cache_damaged"]


def test_an_unusable_cache_is_a_warning(load: Load, tmp_path: Path, warnings: Warnings) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert run(load(cache_dir=in_the_way)).shape == (1, 8, 8, 64)
    assert set(warnings.codes) <= {"model_cache_damaged", "model_cache_unwritable"}
    code, message, hint = warnings[-1]
    assert code == "model_cache_unwritable"
    assert str(in_the_way) in message
    assert hint is not None
    assert "POSE_CACHE_DIR" in hint


def test_without_a_cache_nothing_is_written(load: Load, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    load(cache_dir=None)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_fixed_input_shape_cannot_be_changed(tmp_path: Path, cache: Path, warnings: Warnings) -> None:
    path, digest = save_tiny_model(tmp_path)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"fixed input shape \(1, 8, 8, 3\), got \(2, 8, 8, 3\)"):
            load_model(
                path, digest, outputs=("product",), threads=1, cache_dir=cache, warn=warnings, input_shape=(2, 8, 8, 3)
            )


def test_a_dynamic_input_takes_the_given_shape(tmp_path: Path, cache: Path, warnings: Warnings) -> None:
    path, digest = save_tiny_model(tmp_path, dynamic=True)
    for _ in range(2):
        model = load_model(
            path, digest, outputs=("product",), threads=1, cache_dir=cache, warn=warnings, input_shape=(2, 8, 8, 3)
        )
        assert model.input.shape == (2, 8, 8, 3)


def test_a_batch_does_not_fit_into_the_input(load: Load) -> None:
    with pytest.raises(ValueError, match="broadcast"):
        load().input[:] = np.zeros((2, 8, 8, 3), np.float32)


@pytest.mark.parametrize("content", [b"", b"no model at all", b"TFL3" * 50], ids=["empty", "text", "rubbish"])
@pytest.mark.parametrize("suffix", [".tflite", ".onnx", ".xml"])
def test_a_file_that_is_no_model_fails_with_its_path(
    tmp_path: Path, warnings: Warnings, content: bytes, suffix: str
) -> None:
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(content)
    with pytest.raises(Failure, match=r"cannot load .*broken") as caught:
        load_model(path, "0" * 64, outputs=("x",), threads=1, cache_dir=None, warn=warnings)
    assert caught.value.code == "MODEL_LOAD_FAILED"


def test_an_output_the_model_lacks_fails(load: Load) -> None:
    with pytest.raises(Failure, match=r"cannot load .*tiny.xml"):
        load(outputs=("nonsense",))


def test_loading_opens_no_socket_writes_only_its_cache_and_pins_no_thread(tmp_path: Path) -> None:
    path, _ = save_tiny_model(tmp_path)
    home, cache = tmp_path / "home", tmp_path / "cache"
    home.mkdir()
    environment = {"HOME": str(home), "USERPROFILE": str(home), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.runtimes.watched_load", str(cache), str(path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(home.iterdir()) == []
    assert len(entries(cache)) == 1
