"""From options to a warm ViTPose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from sidecar.detectors.loading import load_detector
from sidecar.estimators.locating import locate
from sidecar.estimators.protocol import EstimatorInfo, LoadContext, ModelRef
from sidecar.estimators.vit.sizes import INPUT_HEIGHT_PX, INPUT_WIDTH_PX
from sidecar.estimators.vitpose import SPEC
from sidecar.estimators.vitpose.estimator import VitPoseEstimator
from sidecar.estimators.vitpose.heatmaps import CPU_BATCH, GPU_BATCH, Engine, OnOpenVino, OnTorch
from sidecar.estimators.vitpose.layout import recognised
from sidecar.estimators.vitpose.network import Reader, VitPose
from sidecar.estimators.vitpose.options import Options, read_options
from sidecar.pose.skeleton import COCO_17
from sidecar.runtimes import openvino, torch
from sidecar.runtimes.openvino_from_torch import load_module
from sidecar.runtimes.torch import Placement, place
from sidecar.runtimes.torch_tensors import load_tensors
from sidecar.weights import store

OWN_FILE = "file"  # its name in READY, where the weights are the user's own


@dataclass(frozen=True, slots=True)
class LoadedEngine:
    """A warm network, and where it computes: see `EstimatorInfo.device` and `runtime`."""

    engine: Engine
    device: str
    runtime: tuple[str, str]


def load(context: LoadContext) -> VitPoseEstimator:
    """A warm estimator.

    Raises:
        OptionError: an option is unknown or out of range.
        Failure: MODEL_MISSING, MODEL_LOAD_FAILED, or CONFIG_INVALID for a device that is not there.
    """
    options = read_options(context.options)
    model = _own(options) if options.file is not None else locate(f"vitpose-{options.model}")
    placement = place(options.torch, threads=context.threads, warn=context.warn)
    cv2.setNumThreads(context.threads)
    detector = load_detector(options.detector, context, placement)
    part = load_engine(model, options, placement, context)
    info = EstimatorInfo(
        name=SPEC.name,
        skeleton=COCO_17,
        device=part.device,
        runtime=part.runtime,
        models=(detector.model, model),
        detector=detector.name,
        options={"flip_test": options.flip_test, "precision": placement.precision},
    )
    return VitPoseEstimator(info, engine=part.engine, detector=detector)


def load_engine(model: ModelRef, options: Options, placement: Placement, context: LoadContext) -> LoadedEngine:
    """The network of a file, warm.

    Raises:
        Failure: MODEL_LOAD_FAILED.
    """
    context.progress("loading", model.path.name)
    on_openvino = placement.device.type == "cpu" and options.runtime != "torch"
    make = _maker(model, flip_test=options.flip_test)
    engine = _on_openvino(context, model, make, options) if on_openvino else _on_torch(make, placement)
    context.progress("warming", "one inference")
    engine([np.zeros((INPUT_HEIGHT_PX, INPUT_WIDTH_PX, 3), np.uint8)], cancel=None)
    if on_openvino:
        return LoadedEngine(engine, openvino.DEVICE, ("openvino", openvino.version()))
    return LoadedEngine(engine, placement.name, ("torch", torch.version()))


def _own(options: Options) -> ModelRef:
    assert options.file is not None
    try:
        return ModelRef(OWN_FILE, options.file, store.sha256_of(options.file))
    except OSError as error:
        raise ModelFileRefused(options.file, "unreadable", f"cannot be read: {error.strerror or error}") from error


def _maker(model: ModelRef, *, flip_test: bool) -> Callable[[], Reader]:
    def make() -> Reader:
        weights = recognised(read_state_dict(model.path), model.path)
        if weights.keypoints != len(COCO_17.keypoints):
            raise ModelFileRefused(
                model.path, "mismatch", f"answers with {weights.keypoints} keypoints; only COCO's 17 are known"
            )
        network = VitPose(weights.size, weights.head, weights.keypoints)
        load_tensors(network, weights.tensors, source=model.path)
        return Reader(network, flip_test=flip_test).eval()

    return make


def _on_torch(make: Callable[[], Reader], placement: Placement) -> Engine:
    reader = make().to(placement.device)
    reader.network.to(placement.dtype)  # mean and deviation stay float32
    return OnTorch(reader, placement, batch=CPU_BATCH if placement.device.type == "cpu" else GPU_BATCH)


def _on_openvino(context: LoadContext, model: ModelRef, make: Callable[[], Reader], options: Options) -> Engine:
    network = load_module(
        model.path,
        model.sha256,
        variant=f"vitpose flip={options.flip_test}",
        make=make,
        input_shape=(1, INPUT_HEIGHT_PX, INPUT_WIDTH_PX, 3),
        threads=context.threads,
        cache_dir=context.cache_dir,
        warn=context.warn,
    )
    return OnOpenVino(network)
