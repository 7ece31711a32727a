"""Torch modules on OpenVINO: converted once, compared with torch, and from then on compared with what torch said.

The cache holds the compiled model and, beside it, torch's answer to a fixed input. Every start asks the compiled model
the same and compares: a conversion that is wrong, or wrong on this CPU, is never used.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.bootstrap.failure import Failure
from sidecar.runtimes import openvino
from sidecar.runtimes.blob_cache import BlobDamaged, blob_path, read_blob, write_blob
from sidecar.runtimes.openvino import BLOB_FOLDER, Array, Model, Warn, from_torch, load_model

OUTPUT = "answer"
PARITY = 1e-4  # largest difference from torch, in parts of the answer's range

_SEED = 20260


def load_module(
    path: Path,
    sha256: str,
    *,
    variant: str,
    make: Callable[[], Any],
    input_shape: tuple[int, ...],
    threads: int,
    cache_dir: Path | None,
    warn: Warn,
) -> Model:
    """A `torch.nn.Module` with one uint8 input and one float32 output as a compiled model.

    Args:
        path: the weights it is made of; names the cache entries.
        sha256: their digest.
        variant: everything else that shapes the module; part of the cache's key.
        make: makes it, in eval mode on the CPU; not called when the cache has all.
        input_shape: fixed.
        threads: inference threads.
        cache_dir: our cache; None converts every time.
        warn: told (code, message, hint) when the cache is damaged or cannot be used.

    Raises:
        Failure: MODEL_LOAD_FAILED, the conversion failed or does not agree with torch.
    """
    entry = None
    if cache_dir is not None:
        facts = (sha256, variant, openvino.version(), str(input_shape))
        entry = blob_path(cache_dir / BLOB_FOLDER, f"{path.stem}-torch", *facts)
    modules: list[Any] = []

    def module() -> Any:
        if not modules:
            modules.append(make())
        return modules[0]

    probe = probe_input(input_shape)
    expected = None if entry is None else _kept_answer(entry, warn)
    if expected is None:
        expected = _ask_torch(module(), probe)
    model = load_model(
        path,
        f"{sha256} {variant}",
        outputs=(OUTPUT,),
        threads=threads,
        cache_dir=cache_dir,
        warn=warn,
        convert=lambda: from_torch(module(), probe, output=OUTPUT),
    )
    model.input[:] = probe
    (answer,) = model()
    _compare(path, answer, expected.reshape(answer.shape) if expected.size == answer.size else expected)
    if entry is not None and modules:
        _keep_answer(entry, expected, warn)
    return model


def probe_input(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The fixed input that torch and OpenVINO must agree on."""
    return np.random.default_rng(_SEED).integers(0, 256, shape, dtype=np.uint8)


def _ask_torch(module: Any, probe: NDArray[np.uint8]) -> Array:
    import torch

    with torch.inference_mode():
        answer: Array = module(torch.from_numpy(probe)).float().numpy()
    return answer


def _compare(path: Path, answer: Array, expected: Array) -> None:
    if answer.shape != expected.shape:
        difference = float("inf")
    else:
        difference = float(np.abs(answer - expected).max() / max(float(np.ptp(expected)), float(np.finfo("f4").tiny)))
    if not difference <= PARITY:
        raise Failure(
            "MODEL_LOAD_FAILED",
            f"OpenVINO {openvino.version()} answers otherwise than torch for {path.name}: by {difference:.2g} of the "
            f"range, over {PARITY:g}",
            "Choose runtime=torch, and report this with the name of the CPU.",
            phase="loading",
        )


def _kept_answer(entry: Path, warn: Warn) -> Array | None:
    try:
        kept = read_blob(entry)
    except (BlobDamaged, OSError) as error:
        warn("model_cache_damaged", f"Torch's answer in {entry} cannot be used ({error}); it is asked again.", None)
        return None
    return None if kept is None or kept.size % 4 else np.ascontiguousarray(kept).view(np.float32)


def _keep_answer(entry: Path, expected: Array, warn: Warn) -> None:
    try:
        write_blob(entry, np.ascontiguousarray(expected, np.float32).tobytes())
    except OSError as error:
        warn(
            "model_cache_unwritable",
            f"Torch's answer cannot be kept in {entry.parent}: {error.strerror}; every start asks torch again.",
            "Make the folder writable, or name another one in POSE_CACHE_DIR.",
        )
