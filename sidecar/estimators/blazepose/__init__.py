"""BlazePose: 33 keypoints in 2D and 3D, on OpenVINO."""

from __future__ import annotations

from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext, Requirement


def _create(context: LoadContext) -> Estimator:
    from sidecar.estimators.blazepose.loading import load

    return load(context)


SPEC = EstimatorSpec(
    name="blazepose",
    summary="33 keypoints in 2D and 3D; one person per image, or several with a person detector",
    create=_create,
    requires=(
        Requirement("numpy", "numpy"),
        Requirement("openvino", "openvino"),
        Requirement("cv2", "opencv-python-headless"),
    ),
    options={
        "model": "full (default) or lite",
        "detector": "none (default): the most certain person; rtmdet-nano: everybody",
        "recrops": "with a detector, looks at each person after the first, 0 to 8 (default 3)",
    },
)
