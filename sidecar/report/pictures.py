"""Sample frames out of the overlay, as small JPEGs inside the page."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from sidecar.report.collect import Sample

OVERLAY_VIDEO, OVERLAY_IMAGE = "overlay.mp4", "overlay.png"
MAX_SIDE_PX = 420
MAX_PICTURE_PIXELS = 64_000_000
JPEG_QUALITY = 72
MAX_DECODED = 600  # frames behind a keyframe; the overlay has one every few seconds

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Picture:
    """One sample with its pixels in a data: address."""

    sample: Sample
    address: str
    width: int
    height: int


def pictures(directory: Path, samples: list[Sample]) -> tuple[list[Picture], str | None]:
    """Pictures of the samples, and a sentence about what is missing, if anything is."""
    if (directory / OVERLAY_IMAGE).is_file():
        image = cv2.imread(str(directory / OVERLAY_IMAGE), cv2.IMREAD_COLOR)
        if image is None:
            return [], f"{OVERLAY_IMAGE} cannot be read, so there is no picture."
        return [_picture(np.asarray(image, np.uint8), sample) for sample in samples[:1]], None
    path = directory / OVERLAY_VIDEO
    if not path.is_file():
        return [], f"{OVERLAY_VIDEO} is absent, so there are no pictures."
    try:
        found = list(_from_video(path, samples))
    except (av.FFmpegError, OSError, ValueError) as error:
        return [], f"{OVERLAY_VIDEO} cannot be read, so there are no pictures: {error}"
    return found, None if found else f"{OVERLAY_VIDEO} holds no frame that could be decoded."


def _from_video(path: Path, samples: list[Sample]) -> Iterator[Picture]:
    with av.open(f"file:{path}", mode="r", options={"protocol_whitelist": "file"}) as container:
        stream = container.streams.video[0] if container.streams.video else None
        if stream is None or stream.width * stream.height > MAX_PICTURE_PIXELS:
            return
        for sample in samples:
            shown = _frame_at(container, stream, sample.time_s)
            if shown is not None:
                yield _picture(np.asarray(shown.to_ndarray(format="bgr24"), np.uint8), sample)


def _frame_at(container: InputContainer, stream: VideoStream, time_s: float) -> VideoFrame | None:
    """The last frame that has begun by then; the overlay has the timestamps of the source."""
    if stream.time_base is None:
        return None
    container.seek(round(time_s / stream.time_base), stream=stream)
    best = None
    for number, frame in enumerate(container.decode(stream)):
        late = frame.time is not None and frame.time > time_s + 1e-3
        if late and best is not None:
            break
        best = frame
        if late or number >= MAX_DECODED:
            break
    return best


def _picture(image: Image, sample: Sample) -> Picture:
    height, width = image.shape[:2]
    factor = min(1.0, MAX_SIDE_PX / max(width, height))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    encoded, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise ValueError(f"OpenCV cannot encode a JPEG of {size[0]}x{size[1]} px")
    address = "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")
    return Picture(sample, address, *size)
