"""HMR2.0 as it is, from files in their true layouts, but with a small network of random numbers."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from unittest import mock

from sidecar.estimators.hmr2 import SPEC as HMR2
from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext, ModelRef

BOX = (100, 50, 190, 250, 0.8)  # of the one person that the detector sees in every picture


def _create(context: LoadContext) -> Estimator:
    from sidecar.checkpoints.safetensors_file import write_safetensors
    from sidecar.estimators.hmr2 import loading
    from sidecar.estimators.hmr2.head import HeadSize
    from sidecar.estimators.hmr2.network import load_network
    from sidecar.estimators.vit.sizes import VitSize
    from tests.estimators.hmr2.layout import TINY, tiny_checkpoint
    from tests.estimators.hmr2.makers import FakeDetector
    from tests.smpl.makers import make_fields, write_smpl

    fields = make_fields(vertices=6890, faces=13776)
    fields["v_template"] *= 0.3
    with tempfile.TemporaryDirectory() as folder:
        files = {"hmr2b": Path(folder, "hmr2b.ckpt"), "smpl-neutral": write_smpl(Path(folder, "SMPL.pkl"), fields)}
        write_safetensors(files["hmr2b"], tiny_checkpoint(), {})
        with mock.patch.multiple(
            loading,
            load_network=partial(load_network, backbone=VitSize(24, 2, 4), head=HeadSize(**TINY)),
            load_detector=lambda *_: FakeDetector(BOX),
            locate=lambda name: ModelRef(name, files[name], "0" * 64),
        ):
            return loading.load(context)


SPEC = EstimatorSpec("tiny-hmr2", "HMR2.0 with a small network", _create, HMR2.requires, HMR2.options)
