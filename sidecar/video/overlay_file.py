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

ENCODER_PRESET = "superfast"  # half the time of "veryfast" for 40 % more bytes: inference needs the cores more
Faces = NDArray[np.uint32]  # (F, 3) vertex indices

FRAMES_BEHIND = 4  # drawing may lag; each frame waiting is a picture in memory


@contextmanager
def video_overlay(
    path: Path, info: VideoInfo, skeleton: Skeleton, clock: StageClock, *, faces: Faces | None = None
) -> Iterator[Callable[[Image, FramePeople], None]]:
    """Yield a function that takes every frame with its people; the file is complete when the block ends.

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
        threads=1,  # frames are encoded beside inference; more threads take its cores without finishing sooner
    ) as writer:

        def add(item: tuple[Image, FramePeople]) -> None:
            image, frame = item
            with clock.measure("overlay"):
                writer.write(_drawn(image, frame, skeleton, faces), frame.time_s)

        with Sink(add, behind=FRAMES_BEHIND) as sink:
            yield lambda image, frame: sink.put((image, frame))


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
