"""One detector, two readers: ViTPose's keypoints in the image and HMR2.0's body in space, of the same people."""

from __future__ import annotations

from sidecar.detectors.catalogue import DETECTORS
from sidecar.estimators import hmr2, vitpose
from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext

_NAMED_TWICE = ("model", "file")  # each reader has its own


def _create(context: LoadContext) -> Estimator:
    from sidecar.estimators.hybrid.loading import load

    return load(context)


SPEC = EstimatorSpec(
    name="hybrid",
    summary="17 keypoints in 2D (ViTPose) beside 44 in 3D, rotations, shape and mesh (HMR2, SMPL; not for commercial "
    "use) of everybody a person detector finds",
    create=_create,
    # Of a module that both name, HMR2's word counts: it needs torch at every start.
    requires=tuple({one.module: one for one in (*vitpose.SPEC.requires, *hmr2.SPEC.requires)}.values()),
    models=tuple(dict.fromkeys((*vitpose.SPEC.models, *hmr2.SPEC.models))),
    options={
        "vitpose": vitpose.SPEC.options["model"],
        "vitpose_file": "weights of your own, .pth or .safetensors, in place of `vitpose`",
        "hmr2": hmr2.SPEC.options["model"],
        **{
            name: meaning
            for name, meaning in {**hmr2.SPEC.options, **vitpose.SPEC.options}.items()
            if name not in _NAMED_TWICE
        },
        "detector": f"{DETECTORS[0]} (default), {', '.join(DETECTORS[1:])}",
    },
)
