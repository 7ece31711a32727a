"""From options to a warm hybrid: a detector, ViTPose and HMR2.0 on one device."""

from __future__ import annotations

import cv2

from sidecar.detectors.loading import load_detector
from sidecar.estimators.hmr2.loading import BODY_MODEL, load_bodies
from sidecar.estimators.hybrid import SPEC
from sidecar.estimators.hybrid.estimator import Hybrid
from sidecar.estimators.hybrid.options import read_options
from sidecar.estimators.hybrid.skeleton import HYBRID_61
from sidecar.estimators.locating import locate_all
from sidecar.estimators.protocol import EstimatorInfo, LoadContext
from sidecar.estimators.vitpose.loading import load_engine, own_file
from sidecar.runtimes import torch as torch_runtime


def load(context: LoadContext) -> Hybrid:
    """A warm estimator.

    Raises:
        OptionError: an option is unknown or out of range.
        Failure: MODEL_MISSING with every file that is missing, MODEL_LOAD_FAILED, or CONFIG_INVALID for a device that
            is not there.
    """
    options = read_options(context.options)
    flat, solid = options.vitpose, options.hmr2
    names = [solid.detector, solid.model, BODY_MODEL]
    if flat.file is None:
        _, checkpoint, body_file, keypoints = locate_all([*names, f"vitpose-{flat.model}"])
    else:
        keypoints = own_file(flat.file)
        _, checkpoint, body_file = locate_all(names)
    placement = torch_runtime.place(solid.torch, threads=context.threads, warn=context.warn)
    beside = placement  # but for `runtime=openvino`, which is at home on the CPU
    if flat.torch != solid.torch:
        beside = torch_runtime.place(flat.torch, threads=context.threads, warn=context.warn)
    cv2.setNumThreads(context.threads)
    detector = load_detector(solid.detector, context, placement)
    engine = load_engine(keypoints, flat, beside, context)
    part = load_bodies(checkpoint, body_file, solid, placement, context)
    info = EstimatorInfo(
        name=SPEC.name,
        skeleton=HYBRID_61,
        device=placement.name,
        runtime=("torch", torch_runtime.version()),
        models=(detector.model, keypoints, *part.files),
        detector=detector.name,
        options={"flip_test": flat.flip_test, "precision": placement.precision, "meshes": solid.meshes},
        faces=part.body.faces if solid.meshes else None,
        body_model=BODY_MODEL,
    )
    return Hybrid(info, engine=engine.engine, bodies=part.bodies, detector=detector)
