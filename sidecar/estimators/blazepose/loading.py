"""Finding the files, compiling them side by side, warming them up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2

from sidecar.detectors.rtmdet import NAME as RTMDET
from sidecar.detectors.rtmdet import RtmDet
from sidecar.estimators.blazepose.estimator import BlazePose
from sidecar.estimators.blazepose.finders import Finder, OwnDetector, PersonDetector
from sidecar.estimators.blazepose.networks import DETECTION_OUTPUTS, LANDMARK_OUTPUTS
from sidecar.estimators.blazepose.options import read_options
from sidecar.estimators.locating import locate
from sidecar.estimators.protocol import EstimatorInfo, LoadContext, ModelRef
from sidecar.pose.skeleton import BLAZEPOSE_33
from sidecar.runtimes import openvino
from sidecar.weights import store

DETECTION_MODEL = "blazepose-detector"
LANDMARK_MODEL = "blazepose-"  # + full or lite


def load(context: LoadContext) -> BlazePose:
    """A warm estimator.

    Raises:
        OptionError: an option is unknown or out of range.
        Failure: MODEL_MISSING or MODEL_LOAD_FAILED.
    """
    options = read_options(context.options)
    landmark_file = locate(LANDMARK_MODEL + options.model)
    detection_file = locate(DETECTION_MODEL)
    box_file = None if options.detector is None else locate(options.detector)
    if box_file is None:
        _mention_unused_detector(context)
    cv2.setNumThreads(context.threads)
    with ThreadPoolExecutor(max_workers=2) as pool:  # compiling holds no interpreter lock
        landmarks = pool.submit(_network, context, landmark_file, LANDMARK_OUTPUTS)
        own = pool.submit(_network, context, detection_file, DETECTION_OUTPUTS)
        boxes = None if box_file is None else pool.submit(_person_detector, context, box_file)
        finder: Finder = OwnDetector(own.result())
        if boxes is not None:
            finder = PersonDetector(boxes.result(), OwnDetector(own.result()), options.recrops)
        info = EstimatorInfo(
            name="blazepose",
            skeleton=BLAZEPOSE_33,
            device=openvino.DEVICE,
            runtime=("openvino", openvino.version()),
            models=tuple(file for file in (box_file, detection_file, landmark_file) if file is not None),
            detector=options.detector,
            follows_one_person=options.detector is None,
            options={} if options.detector is None else {"recrops": options.recrops},
        )
        return BlazePose(info, landmarks=landmarks.result(), finder=finder)


def _person_detector(context: LoadContext, file: ModelRef) -> RtmDet:
    context.progress("loading", file.path.name)
    return RtmDet(file, threads=context.threads, cache_dir=context.cache_dir, warn=context.warn)


def _network(context: LoadContext, file: ModelRef, outputs: tuple[str, ...]) -> openvino.Model:
    context.progress("loading", file.path.name)
    network = openvino.load_model(
        file.path,
        file.sha256,
        outputs=outputs,
        threads=context.threads,
        cache_dir=context.cache_dir,
        warn=context.warn,
    )
    network.input.fill(0)
    network()  # the first run allocates; let no request pay for it
    return network


def _mention_unused_detector(context: LoadContext) -> None:
    try:
        path = store.find(RTMDET)
    except store.ModelMissing:
        return
    context.warn(
        "detector_unused",
        f"The person detector {RTMDET} is there ({path}) but not in use: one person per image is reported.",
        f"Start with --detector {RTMDET} to get everybody.",
    )
