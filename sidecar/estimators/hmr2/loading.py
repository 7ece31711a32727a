"""From options to a warm HMR2.0: the checkpoint, the body's file, the joints' file, the detector."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from sidecar.detectors.loading import load_detector
from sidecar.estimators.hmr2 import SPEC
from sidecar.estimators.hmr2.estimator import Hmr2
from sidecar.estimators.hmr2.layout import REGRESSOR
from sidecar.estimators.hmr2.network import load_network
from sidecar.estimators.hmr2.options import Options, read_options
from sidecar.estimators.hmr2.people import BodyReader
from sidecar.estimators.locating import locate
from sidecar.estimators.protocol import EstimatorInfo, LoadContext, ModelRef
from sidecar.pose.region import Region
from sidecar.runtimes import torch as torch_runtime
from sidecar.smpl.body_model import VERTICES, BodyModel, require_smpl
from sidecar.smpl.joints import REGRESSED, SMPL_44
from sidecar.smpl.reading import read_body_model, read_regressor

BODY_MODEL, JOINTS_MODEL = "smpl-neutral", "smpl-joints"

_WARM_UP_PX = 64


def load(context: LoadContext) -> Hmr2:
    """A warm estimator.

    Raises:
        OptionError: an option is unknown or out of range.
        Failure: MODEL_MISSING, MODEL_LOAD_FAILED, or CONFIG_INVALID for a device that is not there.
    """
    options = read_options(context.options)
    checkpoint, body_file = locate(options.model), locate(BODY_MODEL)
    placement = torch_runtime.place(options.torch, threads=context.threads, warn=context.warn)
    cv2.setNumThreads(context.threads)
    context.progress("loading", body_file.path.name)
    body = read_body_model(body_file.path)
    require_smpl(body, source=body_file.path)
    context.progress("loading", checkpoint.path.name)
    state = read_state_dict(checkpoint.path)
    regressor, joints_file = _regressor(state, checkpoint.path)
    network = load_network(state, placement, source=checkpoint.path)
    detector = load_detector(options.detector, context, placement)
    files = (detector.model, checkpoint, body_file, *joints_file)
    estimator = Hmr2(
        _info(options, placement, files, body),
        network=network,
        reader=BodyReader(body, regressor, options.meshes),
        detector=detector,
        batches=torch_runtime.Batches(placement, size=options.batch),
    )
    context.progress("warming", "one inference")
    middle = Region(_WARM_UP_PX / 2, _WARM_UP_PX / 2, _WARM_UP_PX)
    estimator.estimate([np.zeros((_WARM_UP_PX, _WARM_UP_PX, 3), np.uint8)], regions=[[middle]])
    return estimator


def _info(
    options: Options, placement: torch_runtime.Placement, files: tuple[ModelRef, ...], body: BodyModel
) -> EstimatorInfo:
    return EstimatorInfo(
        name=SPEC.name,
        skeleton=SMPL_44,
        device=placement.name,
        runtime=("torch", torch_runtime.version()),
        models=files,
        detector=options.detector,
        options={"precision": placement.precision, "meshes": options.meshes},
        faces=body.faces if options.meshes else None,
    )


def _regressor(state: Mapping[str, Array], source: Path) -> tuple[NDArray[np.float32], tuple[ModelRef, ...]]:
    """The 19 further joints: from the checkpoint where it kept its body, else from their own file."""
    kept = state.get(REGRESSOR)
    if kept is None:
        file = locate(JOINTS_MODEL)
        return read_regressor(file.path, vertices=VERTICES), (file,)
    if kept.shape != (REGRESSED, VERTICES) or not np.isfinite(kept).all():
        raise ModelFileRefused(source, "mismatch", f"{REGRESSOR} must be finite, ({REGRESSED}, {VERTICES})")
    return np.ascontiguousarray(kept, np.float32), ()
