"""A program: start ViTPose as the daemon does, with a detector that sees nobody, and tell what was imported for it.

python -m tests.estimators.vitpose.start '{"file": "own.pth"}' [no-torch]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import sidecar.detectors.rtmdet  # noqa: F401 - what the default detector imports counts too
from sidecar.bootstrap.cores import usable_cores
from sidecar.bootstrap.failure import Failure
from sidecar.daemon.config import Config
from sidecar.daemon.load import load
from sidecar.estimators.protocol import ModelRef
from sidecar.estimators.vitpose import loading
from sidecar.pose.region import Region


class Silent:
    """Hears what start-up reports."""

    phase = "loading"

    def progress(self, phase: str, detail: str) -> None:
        pass


class NoDetector:
    """Sees nobody, and needs no file."""

    name = "none"
    model = ModelRef("none", Path("none"), "0" * 64)

    def detect(self, images: Sequence[Any], *, min_score: float) -> list[Any]:
        return [np.zeros((0, 5), np.float32) for _ in images]


class BrokenTorch:
    """Finds torch, which then does not import: as when its libraries are damaged."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        if name != "torch":
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self)  # type: ignore[arg-type]

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: object) -> None:
        raise ImportError("libtorch.so: cannot open shared object file")


def main(options: str, *flags: str) -> None:
    if "broken-torch" in flags:
        sys.meta_path.insert(0, BrokenTorch())
    mock.patch.object(loading, "load_detector", return_value=NoDetector()).start()
    config = Config("vitpose", json.loads(options), usable_cores(), True, None, "json", None)
    told: dict[str, Any] = {}
    try:
        loaded = load(config, Silent())  # type: ignore[arg-type]
    except Failure as failure:
        told = {"failure": failure.code, "module": failure.module, "message": failure.message}
    else:
        picture = np.random.default_rng(3).integers(0, 256, (200, 200, 3), np.uint8)
        (people,) = loaded.estimator.estimate([picture], regions=[[Region(100, 100, 150)]], min_score=0.1)
        info = loaded.estimator.info
        told = {
            "runtime": info.runtime[0],
            "options": dict(info.options or {}),
            "warnings": [warning["code"] for warning in loaded.warnings],
            "keypoints": [person.keypoints.tolist() for person in people],
        }
    print(json.dumps({**told, "torch": getattr(sys.modules.get("torch"), "__version__", None)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
