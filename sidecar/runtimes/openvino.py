"""Models on OpenVINO, on the CPU, with its traps closed.

Each trap was met and measured (docs/decisions):
- On CPUs with AMX or AVX512-BF16 the default precision is bf16, which moves landmarks by pixels; an imported blob falls
  back to it as well. f32 is pinned on both ways in, and read back.
- Threads are pinned to cores, so two one-thread processes share one core. Pinning is off.
- `import openvino` looks up an analytics host and writes into the home directory. Its telemetry module is blocked.
- Blobs are imported unchecked. Ours carry a digest (blob_cache.py).
- Reshaping some models gives wrong numbers without an error. An input shape that the file fixes stays fixed.
- Its first conversions run Python code under a C++ lock that is waited for with the interpreter lock held: two threads
  that load their first models side by side can stop each other for ever. One thread makes those conversions first.
"""

from __future__ import annotations

import io
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.bootstrap.failure import Failure, traceback_tail
from sidecar.runtimes.blob_cache import BlobDamaged, blob_path, read_blob, write_blob

# Before the import: without this module openvino falls back to a stub of its own.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino as ov  # noqa: E402

DEVICE = "CPU"
BLOB_FOLDER = "openvino"

Warn = Callable[[str, str, str | None], None]
Array = NDArray[np.float32]

_PRECISION = ov.Type.f32


class Model:
    """A compiled model with one input, which callers fill in place, and the outputs they asked for.

    Attributes:
        input: float32 buffer of the model's input shape; write here, then call.
    """

    def __init__(self, compiled: ov.CompiledModel, outputs: Sequence[str]) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = tuple(outputs)
        self.input: Array = self._request.get_input_tensor().data

    def __call__(self) -> tuple[Array, ...]:
        """Run on what `input` holds. The outputs are views that the next call overwrites."""
        self._request.infer()
        return tuple(self._request.get_tensor(name).data for name in self._outputs)


def version() -> str:
    """OpenVINO's version without its build, such as 2026.4.1."""
    return str(ov.__version__).partition("-")[0]


def load_model(
    path: Path,
    sha256: str,
    *,
    outputs: Sequence[str],
    threads: int,
    cache_dir: Path | None,
    warn: Warn,
    input_shape: tuple[int, ...] | None = None,
    convert: Callable[[], ov.Model] | None = None,
) -> Model:
    """Load a TFLite or ONNX file, from the cache of compiled models where that is possible. Thread-safe.

    Args:
        path: the model, already verified to have this digest.
        sha256: hex digest of the model file.
        outputs: names of the outputs wanted, in this order; what only the others need is not computed.
        threads: inference threads, >= 1. Results do not depend on them.
        cache_dir: our cache; None compiles every time.
        warn: called with (code, message, hint) when the cache is damaged or cannot be used.
        input_shape: gives a model with a dynamic input its shape.
        convert: makes the model of a file that OpenVINO does not read by itself; not called when the cache has it.

    Raises:
        Failure: MODEL_LOAD_FAILED.
        ValueError: `input_shape` differs from a shape that the file fixes.
    """
    core = _core()
    config = {
        "INFERENCE_PRECISION_HINT": _PRECISION,
        "ENABLE_CPU_PINNING": False,
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": threads,
    }
    entry = None
    if cache_dir is not None:
        facts = (sha256, ov.get_version(), _cpu(), ",".join(outputs), str(input_shape), "f32")
        entry = blob_path(cache_dir / BLOB_FOLDER, path.stem, *facts)
    compiled = None if entry is None else _from_cache(core, entry, config, warn)
    if compiled is None:
        compiled = _compile(core, path, outputs, input_shape, config, convert)
        if entry is not None:
            _to_cache(compiled, entry, warn)
    precision = compiled.get_property("INFERENCE_PRECISION_HINT")
    if precision != _PRECISION:
        raise Failure(
            "MODEL_LOAD_FAILED",
            f"OpenVINO runs {path.name} in {precision}, which moves keypoints by pixels; f32 was asked for",
            f"Install the OpenVINO version that requirements-core.txt pins; this is {ov.get_version()}.",
        )
    return Model(compiled, outputs)


def from_torch(module: Any, example: NDArray[Any], *, output: str) -> ov.Model:
    """A `torch.nn.Module` with one input and one output as a model of the example's shape, not compiled yet."""
    import torch

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, about shapes, which are fixed here
        model = ov.convert_model(module, example_input=torch.from_numpy(example))
    model.reshape(list(example.shape))
    model.output(0).get_tensor().set_names({output})
    return model


_preparing = threading.Lock()


def _core() -> Any:
    with _preparing:
        return _prepared_core()


@cache
def _prepared_core() -> Any:
    core = ov.Core()
    # One of each conversion that loading makes, from Python to C++ and back.
    core.set_property(DEVICE, {"INFERENCE_PRECISION_HINT": _PRECISION, "ENABLE_CPU_PINNING": False, "NUM_STREAMS": 1})
    core.get_property(DEVICE, "INFERENCE_PRECISION_HINT")
    ov.Tensor(np.zeros(1, np.float32)).data.fill(0)
    return core


@cache
def _cpu() -> str:
    """What a compilation may depend on: the CPU's name, what OpenVINO finds it capable of, the kernel's flags."""
    core = _core()
    facts = [str(core.get_property(DEVICE, name)) for name in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")]
    try:
        with Path("/proc/cpuinfo").open(encoding="ascii", errors="replace") as file:
            # The first core's flags; "Features" on ARM. Reading on would ask every core.
            facts.append(next((line for line in file if line.lower().startswith(("flags", "features"))), ""))
    except OSError:
        facts.append("")  # not Linux
    return "\n".join(facts)


def _from_cache(core: Any, entry: Path, config: dict[str, Any], warn: Warn) -> ov.CompiledModel | None:
    try:
        blob = read_blob(entry)
        return None if blob is None else core.import_model(ov.Tensor(blob), DEVICE, config)
    except BlobDamaged:
        reason = "is damaged"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    except RuntimeError as error:
        reason = f"was refused by OpenVINO: {_last_line(error)}"
    warn("model_cache_damaged", f"The compiled model {entry} {reason}; the model is compiled again.", None)
    return None


def _to_cache(compiled: ov.CompiledModel, entry: Path, warn: Warn) -> None:
    stream = io.BytesIO()
    compiled.export_model(stream)
    try:
        write_blob(entry, stream.getvalue())
    except OSError as error:
        warn(
            "model_cache_unwritable",
            f"The compiled model cannot be kept in {entry.parent}: {error.strerror}; every start compiles it again.",
            "Make the folder writable, or name another one in POSE_CACHE_DIR.",
        )


def _compile(
    core: Any,
    path: Path,
    outputs: Sequence[str],
    input_shape: tuple[int, ...] | None,
    config: dict[str, Any],
    convert: Callable[[], ov.Model] | None,
) -> ov.CompiledModel:
    try:
        source = core.read_model(path) if convert is None else convert()
        if input_shape is not None:
            fixed = source.input().get_partial_shape()
            if fixed.is_static and tuple(fixed.to_shape()) != input_shape:
                raise ValueError(f"{path.name} has the fixed input shape {tuple(fixed.to_shape())}, got {input_shape}")
            source.reshape(list(input_shape))
        wanted = [source.output(name).get_node() for name in outputs]
        return core.compile_model(ov.Model(wanted, source.get_parameters(), path.stem), DEVICE, config)
    except RuntimeError as error:
        raise Failure(
            "MODEL_LOAD_FAILED",
            f"OpenVINO {version()} cannot load {path}: {_last_line(error)}",
            "Run `python -m sidecar models verify`; if the file is right, install the pinned OpenVINO version.",
            traceback_tail=traceback_tail(error),
        ) from error


def _last_line(error: Exception) -> str:
    """The line of OpenVINO's many that says what went wrong: the last one that is not empty."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
