"""From options to a warm HMR2.0: the checkpoint, the body's file, the joints' file, the detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from sidecar.detectors.loading import load_detector
from sidecar.estimators.hmr2 import SPEC
from sidecar.estimators.hmr2.bodies import Bodies
from sidecar.estimators.hmr2.estimator import Hmr2
from sidecar.estimators.hmr2.layout import REGRESSOR
from sidecar.estimators.hmr2.network import load_network
from sidecar.estimators.hmr2.options import Options, read_options
from sidecar.estimators.hmr2.people import BodyReader, Look
from sidecar.estimators.locating import locate
from sidecar.estimators.protocol import EstimatorInfo, LoadContext, ModelRef
from sidecar.pose.region import Region
from sidecar.runtimes import torch as torch_runtime
from sidecar.runtimes.torch import Placement
from sidecar.smpl.body_model import VERTICES, BodyModel, require_smpl
from sidecar.smpl.joints import REGRESSED, SMPL_44
from sidecar.smpl.reading import read_body_model, read_regressor

BODY_MODEL, JOINTS_MODEL = "smpl-neutral", "smpl-joints"

_WARM_UP_PX = 64


@dataclass(frozen=True, slots=True)
class LoadedBodies:
    """What reads bodies, the body itself, and the files that they came from."""

    bodies: Bodies
    body: BodyModel
    files: tuple[ModelRef, ...]


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
    part = load_bodies(checkpoint, body_file, options, placement, context)
    detector = load_detector(options.detector, context, placement)
    info = EstimatorInfo(
        name=SPEC.name,
        skeleton=SMPL_44,
        device=placement.name,
        runtime=("torch", torch_runtime.version()),
        models=(detector.model, *part.files),
        detector=options.detector,
        options={"precision": placement.precision, "meshes": options.meshes},
        faces=part.body.faces if options.meshes else None,
        body_model=BODY_MODEL,
    )
    return Hmr2(info, bodies=part.bodies, detector=detector)


def load_bodies(
    checkpoint: ModelRef, body_file: ModelRef, options: Options, placement: Placement, context: LoadContext
) -> LoadedBodies:
    """Network and body of their files, warm.

    Raises:
        Failure: MODEL_LOAD_FAILED; MODEL_MISSING for the further joints, where the checkpoint has none.
    """
    context.progress("loading", body_file.path.name)
    body = read_body_model(body_file.path)
    require_smpl(body, source=body_file.path)
    context.progress("loading", checkpoint.path.name)
    state = read_state_dict(checkpoint.path)
    regressor, joints_file = _regressor(state, checkpoint.path)
    bodies = Bodies(
        network=load_network(state, placement, source=checkpoint.path),
        reader=BodyReader(body, regressor, options.meshes),
        batches=torch_runtime.Batches(placement, size=options.batch),
    )
    context.progress("warming", "one inference")
    square = Region(_WARM_UP_PX / 2, _WARM_UP_PX / 2, _WARM_UP_PX)
    picture = np.zeros((_WARM_UP_PX, _WARM_UP_PX, 3), np.uint8)
    bodies.read([picture], [Look(0, _WARM_UP_PX, _WARM_UP_PX, square, 1.0, None)], cancel=None)
    return LoadedBodies(bodies, body, (checkpoint, body_file, *joints_file))


def _regressor(state: Mapping[str, Array], source: Path) -> tuple[NDArray[np.float32], tuple[ModelRef, ...]]:
    """The 19 further joints: from the checkpoint where it kept its body, else from their own file."""
    kept = state.get(REGRESSOR)
    if kept is None:
        file = locate(JOINTS_MODEL)
        return read_regressor(file.path, vertices=VERTICES), (file,)
    if kept.shape != (REGRESSED, VERTICES) or not np.isfinite(kept).all():
        raise ModelFileRefused(source, "mismatch", f"{REGRESSOR} must be finite, ({REGRESSED}, {VERTICES})")
    return np.ascontiguousarray(kept, np.float32), ()
