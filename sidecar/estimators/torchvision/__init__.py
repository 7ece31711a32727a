"""Keypoint R-CNN of torchvision: 17 keypoints of everybody in one network, on torch."""

from __future__ import annotations

from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext, Requirement
from sidecar.runtimes.torch_options import DEVICE_OPTIONS


def _create(context: LoadContext) -> Estimator:
    from sidecar.estimators.torchvision.loading import load

    return load(context)


SPEC = EstimatorSpec(
    name="torchvision",
    summary="Keypoint R-CNN: 17 keypoints in 2D of everybody, found and read by one network",
    create=_create,
    requires=(
        Requirement("numpy", "numpy"),
        Requirement("cv2", "opencv-python-headless"),
        Requirement("torch", "torch"),
        Requirement("torchvision", "torchvision"),
    ),
    models=("keypointrcnn-resnet50",),
    options={
        "weights": "v1 (default), or legacy: an earlier state of the training",
        **DEVICE_OPTIONS,
    },
)
