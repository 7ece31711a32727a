"""Drawing people into a copy of the source: overlay.mp4 beside the main thread, overlay.png in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.media.image import Image
from sidecar.media.video_reader import VideoInfo
from sidecar.media.video_writer import VideoWriter
from sidecar.overlay.draw import draw_people
from sidecar.overlay.mesh import draw_meshes
from sidecar.pose.skeleton import Skeleton
from sidecar.video.background import Sink
from sidecar.video.people import FramePeople
from sidecar.video.stage_clock import StageClock

# Under half the time of "superfast" at its usual 20, for 6 % more bytes and half a dB: inference needs the cores more.
ENCODER_PRESET, ENCODER_CRF = "ultrafast", 23
Faces = NDArray[np.uint32]  # (F, 3) vertex indices

FRAMES_BEHIND = 4  # encoding may lag; each frame waiting is a picture in memory


@contextmanager
def video_overlay(
    path: Path, info: VideoInfo, skeleton: Skeleton, clock: StageClock, *, faces: Faces | None = None
) -> Iterator[Callable[[Image, FramePeople], None]]:
    """Yield a function that draws every frame's people; a thread encodes, and the file is complete when the block ends.

    It has the source's size, frame rate, timestamps, pixel aspect and colours.
    """
    with VideoWriter(
        path,
        width=info.width,
        height=info.height,
        fps=info.fps,
        time_base=info.time_base,
        pixel_aspect=info.pixel_aspect,
        colour_tags=info.colour_tags,
        preset=ENCODER_PRESET,
        crf=ENCODER_CRF,
        threads=1,  # frames are encoded beside inference; more threads take its cores without finishing sooner
    ) as writer:

        def encode(item: tuple[Image, float]) -> None:
            image, time_s = item
            with clock.measure("encode"):
                writer.write(image, time_s)

        def draw(image: Image, frame: FramePeople) -> None:
            with clock.measure("draw"):
                drawn = _drawn(image, frame, skeleton, faces)
            sink.put((drawn, frame.time_s))

        with Sink(encode, behind=FRAMES_BEHIND) as sink:
            yield draw


def write_image_overlay(
    path: Path, image: Image, frame: FramePeople, skeleton: Skeleton, *, faces: Faces | None = None
) -> None:
    """Write a PNG of the picture with its people.

    Raises:
        OSError: the file cannot be written.
    """
    drawn = _drawn(image, frame, skeleton, faces)
    encoded, data = cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
    if not encoded:
        raise OSError(f"OpenCV cannot encode a PNG of {image.shape[1]}x{image.shape[0]} px")
    path.write_bytes(data.tobytes())


def _drawn(image: Image, frame: FramePeople, skeleton: Skeleton, faces: Faces | None) -> Image:
    """The picture with its people: their meshes first, where they carry some."""
    if faces is not None:
        image = draw_meshes(image, frame.people, faces)
    return draw_people(image, frame.people, skeleton)
