"""ViTPose: 17 keypoints in 2D by a plain vision transformer, on torch, or on OpenVINO where there is no GPU."""

from __future__ import annotations

from sidecar.detectors.catalogue import DETECTORS
from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext, Requirement
from sidecar.runtimes.torch_options import DEVICE_OPTIONS, PRECISION_OPTIONS


def _create(context: LoadContext) -> Estimator:
    from sidecar.estimators.vitpose.loading import load

    return load(context)


SPEC = EstimatorSpec(
    name="vitpose",
    summary="17 keypoints in 2D of everybody a person detector finds; exact, and at home on a GPU",
    create=_create,
    requires=(
        Requirement("numpy", "numpy"),
        Requirement("openvino", "openvino"),
        Requirement("cv2", "opencv-python-headless"),
        Requirement("torch", "torch", at_start=False),  # a start from a full cache does without it
    ),
    models=("rtmdet-nano", "vitpose-b"),
    options={
        "model": "s, b (default), l, h, s-simple, b-simple or l-simple",
        "file": "weights of your own, .pth or .safetensors, in place of `model`; size and head are read from them",
        "detector": f"{DETECTORS[0]} (default), {', '.join(DETECTORS[1:])}",
        "flip_test": "on (default): the mirror image counts too, for twice the work; off",
        "runtime": "auto (default): OpenVINO on the CPU, torch on a GPU; torch; openvino",
        **DEVICE_OPTIONS,
        **PRECISION_OPTIONS,
    },
)
