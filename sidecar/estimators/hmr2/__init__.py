"""HMR2.0: bodies in three dimensions, on torch. The SMPL model's file comes from the user."""

from __future__ import annotations

from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext, Requirement
from sidecar.runtimes.torch_options import DEVICE_OPTIONS, PRECISION_OPTIONS

BATCH_MAX = 64
BATCH_DEFAULT = 16


def _create(context: LoadContext) -> Estimator:
    from sidecar.estimators.hmr2.loading import load

    return load(context)


SPEC = EstimatorSpec(
    name="hmr2",
    summary="44 keypoints in 2D and 3D, joint rotations, shape and mesh of everybody (SMPL; not for commercial use)",
    create=_create,
    requires=(
        Requirement("numpy", "numpy"),
        Requirement("cv2", "opencv-python-headless"),
        Requirement("scipy", "scipy"),
        Requirement("torch", "torch"),
    ),
    models=("rtmdet-nano", "hmr2b", "smpl-neutral"),
    options={
        "model": "hmr2b (default) or hmr2a",
        "detector": "rtmdet-nano (default), or another person detector",
        "meshes": "off (default), or on: vertices come with every person",
        "batch": f"people in the network at once, 1 to {BATCH_MAX} (default {BATCH_DEFAULT})",
        **DEVICE_OPTIONS,
        **PRECISION_OPTIONS,
    },
)
