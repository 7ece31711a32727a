"""A model small enough to build in a test: a convolution with rows that nobody may ask for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import sidecar.runtimes.openvino  # isort: skip  # first: it blocks the telemetry
import openvino as ov
from openvino import opset13 as ops

SHAPE = (1, 8, 8, 3)
_RANDOM = np.random.default_rng(11)
# Not representable in bf16, so that the precision shows.
WEIGHTS: NDArray[np.float32] = _RANDOM.uniform(1.0, 1.01, (3, 64)).astype(np.float32)

assert sidecar.runtimes.openvino  # the import above is for its effect


def save_tiny_model(folder: Path, *, dynamic: bool = False) -> tuple[Path, str]:
    """Write the model to `folder`; return its path and digest. Outputs: `product` (…, 64) and `unwanted`."""
    shape = [-1, 8, 8, 3] if dynamic else list(SHAPE)
    image = ops.parameter(shape, np.float32, name="image")
    product = ops.matmul(image, ops.constant(WEIGHTS), False, False)
    product.output(0).set_names({"product"})
    unwanted = ops.sin(product)
    unwanted.output(0).set_names({"unwanted"})
    model = ov.Model([ops.result(product), ops.result(unwanted)], [image], "tiny")
    path = folder / "tiny.xml"
    ov.save_model(model, path, compress_to_fp16=False)
    return path, hashlib.sha256(path.read_bytes() + path.with_suffix(".bin").read_bytes()).hexdigest()
