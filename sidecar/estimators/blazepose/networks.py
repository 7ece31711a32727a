"""The two networks with their pixels: image in, region out; region in, person out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sidecar.estimators.blazepose import detection, landmarks
from sidecar.estimators.blazepose.crop import BLACK, REPLICATE, crop, whole
from sidecar.estimators.blazepose.geometry import region_from_points
from sidecar.pose.person import Person, observed
from sidecar.pose.region import Region
from sidecar.runtimes.openvino import Model

if TYPE_CHECKING:
    from sidecar.estimators.protocol import Image

DETECTION_OUTPUTS = ("Identity", "Identity_1")  # boxes, logits
LANDMARK_OUTPUTS = ("Identity", "Identity_1", "Identity_3", "Identity_4")  # rows, flag, heatmaps, metres; not the mask


def find_region(model: Model, image: Image, *, min_score: float) -> Region | None:
    """The region of the image's most certain person, by BlazePose's own detector."""
    square = whole(image)
    pixels = crop(image, square, side_px=detection.INPUT_PX, border=BLACK)
    np.multiply(pixels, np.float32(2 / 255), out=model.input[0])
    np.subtract(model.input, np.float32(1), out=model.input)
    boxes, logits = model()
    found = detection.best_detection(boxes[0], logits[0, :, 0], min_score=min_score)
    if found is None:
        return None
    corner = np.array([square.cx, square.cy]) - square.size / 2
    centre, scale = found.centre * square.size + corner, found.scale * square.size + corner
    return region_from_points((centre[0], centre[1]), (scale[0], scale[1]))


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
