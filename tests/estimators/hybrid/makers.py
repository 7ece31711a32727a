"""The hybrid out of files: seeded random weights in their published layouts, a figure in place of SMPL.

ViTPose is the smallest published one; HMR2.0 is small, as its tests have it, for ViT-H takes seconds a person.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints.safetensors_file import write_safetensors
from sidecar.estimators.protocol import LoadContext, ModelRef
from sidecar.estimators.vit.sizes import VitSize
from sidecar.weights.store import sha256_of
from tests.estimators.hmr2.layout import TINY, tiny_checkpoint
from tests.estimators.hmr2.makers import FakeDetector
from tests.estimators.vitpose.makers import original_state, save
from tests.paths import FIXTURES
from tests.smpl.figure import figure_fields
from tests.smpl.makers import write_smpl

SMALL = {"vitpose": "s-simple", "runtime": "torch", "flip_test": "off", "device": "cpu"}

Files = dict[str, ModelRef]


def write_models(folder: Path) -> Files:
    """Files of all parts but the detector, by the names of the manifest."""
    checkpoint = tiny_checkpoint()
    checkpoint["smpl_head.init_cam"] = np.array([[0.8, 0, 0.1]], np.float32)
    write_safetensors(folder / "hmr2b.ckpt", checkpoint, {})
    paths = {
        "vitpose-s-simple": Path(save(original_state("small", "simple"), folder / "vitpose_small_simple.pth")),
        "hmr2b": folder / "hmr2b.ckpt",
        "smpl-neutral": write_smpl(folder / "SMPL_NEUTRAL.pkl", figure_fields()),
    }
    return {name: ModelRef(name, path, sha256_of(path)) for name, path in paths.items()}


def install(files: Files, monkeypatch: pytest.MonkeyPatch, *, box: tuple[float, ...] = (100, 40, 190, 250)) -> None:
    """Let the hybrid find these files.

    Args:
        box: whom the detector finds in every image, px; where the fixtures are, a real one looks instead.
    """
    from sidecar.estimators.hmr2 import loading as hmr2
    from sidecar.estimators.hmr2.head import HeadSize
    from sidecar.estimators.hmr2.network import load_network
    from sidecar.estimators.hybrid import loading

    monkeypatch.setattr(hmr2, "load_network", partial(load_network, backbone=VitSize(24, 2, 4), head=HeadSize(**TINY)))
    if FIXTURES.is_dir():
        monkeypatch.setenv("POSE_MODELS_DIR", str(FIXTURES / "models"))
    else:
        monkeypatch.setattr(loading, "load_detector", lambda *_: FakeDetector((*box, 0.8)))
    absent = ModelRef("detector", Path("detector"), "0" * 64)  # its own loading looks for it again
    monkeypatch.setattr(loading, "locate_all", lambda names: [files.get(name, absent) for name in names])


def load_small(warn: Callable[..., None] = lambda *_: None, **options: Any) -> Any:
    """The hybrid that `install` prepared."""
    from sidecar.estimators.hybrid.loading import load

    return load(LoadContext({**SMALL, **options}, threads=1, cache_dir=None, warn=warn))
