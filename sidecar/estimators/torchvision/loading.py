"""From options to a warm Keypoint R-CNN."""

from __future__ import annotations

import numpy as np

from sidecar.estimators.locating import locate
from sidecar.estimators.options import read_choice, reject_unknown
from sidecar.estimators.protocol import EstimatorInfo, LoadContext
from sidecar.estimators.torchvision import SPEC
from sidecar.estimators.torchvision.estimator import KeypointRcnn
from sidecar.pose.skeleton import COCO_17
from sidecar.runtimes import torch as torch_runtime
from sidecar.runtimes.torch_options import read_torch_options
from sidecar.runtimes.torchvision import build

WEIGHTS = {"v1": "keypointrcnn-resnet50", "legacy": "keypointrcnn-resnet50-legacy"}
BUILDER = "keypointrcnn_resnet50_fpn"

_WARM_UP_PX = 64


def load(context: LoadContext) -> KeypointRcnn:
    """A warm estimator.

    Raises:
        OptionError: an option is unknown or out of range.
        Failure: MODEL_MISSING, MODEL_LOAD_FAILED, or CONFIG_INVALID for a device that is not there.
    """
    reject_unknown(context.options, known=SPEC.options)
    weights = read_choice(context.options, "weights", choices=tuple(WEIGHTS), default="v1")
    options = read_torch_options(context.options, default_precision="f32")
    model = locate(WEIGHTS[weights])
    placement = torch_runtime.place(options, threads=context.threads, warn=context.warn)
    context.progress("loading", model.path.name)
    info = EstimatorInfo(
        name=SPEC.name,
        skeleton=COCO_17,
        device=placement.name,
        runtime=("torch", torch_runtime.version()),
        models=(model,),
        options={},
    )
    estimator = KeypointRcnn(info, network=build(BUILDER, model.path, placement.device), placement=placement)
    context.progress("warming", "one inference")
    estimator.estimate([np.zeros((_WARM_UP_PX, _WARM_UP_PX, 3), np.uint8)])
    return estimator
