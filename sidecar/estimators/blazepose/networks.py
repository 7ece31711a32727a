"""The two networks with their pixels: image in, region out; region in, person out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sidecar.estimators.blazepose import detection, landmarks
from sidecar.estimators.blazepose.crop import BLACK, REPLICATE, crop, whole
from sidecar.estimators.blazepose.geometry import from_window, region_from_points
from sidecar.estimators.proposing import Proposal
from sidecar.pose.person import Person, observed
from sidecar.pose.region import Region
from sidecar.runtimes.openvino import Model

if TYPE_CHECKING:
    from sidecar.estimators.protocol import Image

DETECTION_OUTPUTS = ("Identity", "Identity_1")  # boxes, logits
LANDMARK_OUTPUTS = ("Identity", "Identity_1", "Identity_3", "Identity_4")  # rows, flag, heatmaps, metres; not the mask

PROPOSALS_MAX = 3  # of one window; beyond them this detector sees noise


def find_region(model: Model, image: Image, *, min_score: float) -> Region | None:
    """The region of the image's most certain person, by BlazePose's own detector."""
    square = whole(image)
    boxes, logits = _detect(model, image, square)
    found = detection.best_detection(boxes, logits, min_score=min_score)
    return None if found is None else _region(found, square)


def propose_regions(model: Model, image: Image, window: Region, *, min_score: float) -> list[Proposal]:
    """The regions of the people that BlazePose's own detector suspects in a window, which may be turned."""
    boxes, logits = _detect(model, image, window)
    found = detection.detections(boxes, logits, min_score=min_score, limit=PROPOSALS_MAX)
    regions = [(_region(one, window), one.score) for one in found]
    return [Proposal(region, score) for region, score in regions if region is not None]


def _detect(model: Model, image: Image, window: Region) -> tuple[detection.Array, detection.Array]:
    pixels = crop(image, window, side_px=detection.INPUT_PX, border=BLACK)
    np.multiply(pixels, np.float32(2 / 255), out=model.input[0])
    np.subtract(model.input, np.float32(1), out=model.input)
    boxes, logits = model()
    return boxes[0], logits[0, :, 0]


def _region(found: detection.Detection, window: Region) -> Region | None:
    """A detection's region, from fractions of the window to pixels of the image."""
    return region_from_points(from_window(found.centre, window), from_window(found.scale, window))


def read_region(model: Model, image: Image, region: Region) -> Person | None:
    """The person in a region, whatever the score; None where the network gives no usable numbers."""
    pixels = crop(image, region, side_px=landmarks.INPUT_PX, border=REPLICATE)
    np.multiply(pixels, np.float32(1 / 255), out=model.input[0])
    rows, flag, heatmaps, metres = model()
    score = min(1.0, max(0.0, float(flag[0, 0])))  # already a probability; in this order NaN becomes 0
    read = landmarks.decode_landmarks(rows[0], heatmaps[0], metres[0], region)
    if read is None:
        return None
    return Person(
        keypoints=read.keypoints,
        score=score,
        keypoints_world=read.world,
        region=read.next_region,
        provenance=observed(score),
    )
