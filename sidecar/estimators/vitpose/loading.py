"""From options to a warm ViTPose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.detectors.catalogue import RTMDET
from sidecar.detectors.loading import load_detector
from sidecar.estimators.locating import locate
from sidecar.estimators.protocol import EstimatorInfo, LoadContext, ModelRef
from sidecar.estimators.vit.sizes import INPUT_HEIGHT_PX, INPUT_WIDTH_PX
from sidecar.estimators.vitpose import SPEC
from sidecar.estimators.vitpose.estimator import VitPoseEstimator
from sidecar.estimators.vitpose.heatmaps import Engine, OnOpenVino
from sidecar.estimators.vitpose.options import Options, read_options
from sidecar.pose.skeleton import COCO_17
from sidecar.runtimes import openvino
from sidecar.runtimes.gpu_driver import has_gpu_driver
from sidecar.runtimes.openvino_from_torch import load_module
from sidecar.runtimes.torch_options import AUTO, CPU, CPU_PRECISION, TorchOptions
from sidecar.weights import store

if TYPE_CHECKING:
    from sidecar.runtimes.torch import Placement

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
    model = locate(f"vitpose-{options.model}") if options.file is None else own_file(options.file)
    placement = _placement(options, context)
    cv2.setNumThreads(context.threads)
    detector = load_detector(options.detector, context, placement)
    part = load_engine(model, options, placement, context)
    precision = CPU_PRECISION if placement is None else placement.precision
    info = EstimatorInfo(
        name=SPEC.name,
        skeleton=COCO_17,
        device=part.device,
        runtime=part.runtime,
        models=(detector.model, model),
        detector=detector.name,
        options={"flip_test": options.flip_test, "precision": precision},
    )
    return VitPoseEstimator(info, engine=part.engine, detector=detector)


def load_engine(model: ModelRef, options: Options, placement: Placement | None, context: LoadContext) -> LoadedEngine:
    """The network of a file, warm.

    Args:
        placement: where torch computes; None: OpenVINO does, on the CPU. A start from a full cache imports no torch.

    Raises:
        Failure: MODEL_LOAD_FAILED; IMPORT_FAILED where torch is needed and does not import.
    """
    context.progress("loading", model.path.name)
    if placement is None or (placement.device.type == CPU and options.runtime != "torch"):
        part = _on_openvino(model, options, context)
    else:
        part = _on_torch(model, options, placement)
    context.progress("warming", "one inference")
    part.engine([np.zeros((INPUT_HEIGHT_PX, INPUT_WIDTH_PX, 3), np.uint8)], cancel=None)
    return part


def own_file(path: Path) -> ModelRef:
    """Weights of the user's own.

    Raises:
        ModelFileRefused: they cannot be read.
    """
    try:
        return ModelRef(OWN_FILE, path, store.sha256_of(path))
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error


def _placement(options: Options, context: LoadContext) -> Placement | None:
    """Where torch computes; None where OpenVINO does, and torch is needed at most for the conversion."""
    on_cpu = options.torch.device == CPU or (options.torch.device == AUTO and not has_gpu_driver())
    if on_cpu and options.runtime != "torch" and options.detector == RTMDET:
        return None
    from sidecar.runtimes import torch

    return torch.place(options.torch, threads=context.threads, warn=context.warn)


def _on_torch(model: ModelRef, options: Options, placement: Placement) -> LoadedEngine:
    from sidecar.estimators.vitpose.on_torch import engine_on_torch, make_reader
    from sidecar.runtimes import torch  # first: it tells what is wrong with torch

    reader = make_reader(model, flip_test=options.flip_test)
    return LoadedEngine(engine_on_torch(reader, placement), placement.name, ("torch", torch.version()))


def _on_openvino(model: ModelRef, options: Options, context: LoadContext) -> LoadedEngine:
    def make() -> Any:
        from sidecar.runtimes import torch

        torch.place(TorchOptions(CPU), threads=context.threads, warn=context.warn)
        from sidecar.estimators.vitpose.on_torch import make_reader

        return make_reader(model, flip_test=options.flip_test)

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
    return LoadedEngine(OnOpenVino(network), openvino.DEVICE, ("openvino", openvino.version()))
