"""Pictures to measure with: a mannequin, so that nothing has to be fetched."""

from __future__ import annotations

from functools import cache

import cv2

from sidecar.estimators.protocol import Image
from sidecar.mannequin.scene import SceneOptions, scene


@cache
def mannequins(count: int = 8, *, width: int = 640, height: int = 360) -> tuple[Image, ...]:
    """Frames of one walking mannequin, RGB."""
    options = SceneOptions(people=1, seconds=count / 30, motion="walk", width=width, height=height)
    return tuple(image for image, _ in scene(options))


def jpegs(count: int = 8, *, width: int = 640, height: int = 360) -> list[bytes]:
    """The same as JPEG files."""
    return [
        bytes(cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])[1])
        for image in mannequins(count, width=width, height=height)
    ]
