"""A segment's pictures, kept so that frames can be looked at again, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sidecar.estimators.protocol import Image

ALBUM_BYTES = 192 * 1024 * 1024  # all pictures of a segment together
# So many fit, whatever their size: 64 of 1280 x 720 as they are, larger ones are made smaller. Of smaller ones more do.
PICTURES_MIN = 64


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image, and how many of its pixels make one of the frame's: 1 unless it was made smaller."""

    image: Image
    scale: float

    @property
    def width(self) -> float:
        """Of the frame, px."""
        return float(self.image.shape[1] / self.scale)

    @property
    def height(self) -> float:
        """Of the frame, px."""
        return float(self.image.shape[0] / self.scale)


class Album:
    """The latest pictures, by frame index; the oldest go when there is no room."""

    def __init__(self, *, limit_bytes: int = ALBUM_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._bytes = 0
        self._pictures: dict[int, Picture] = {}

    def keep(self, index: int, image: Image) -> None:
        """Keep a frame for later, smaller if it is too large. Indices grow."""
        picture = shrunk(image, limit_bytes=self._limit_bytes // PICTURES_MIN)
        self._pictures[index] = picture
        self._bytes += picture.image.nbytes
        while self._bytes > self._limit_bytes:
            oldest = next(iter(self._pictures))
            self._bytes -= self._pictures.pop(oldest).image.nbytes

    def __getitem__(self, index: int) -> Picture:
        """The picture of a frame that was kept."""
        return self._pictures[index]

    def __contains__(self, index: int) -> bool:
        """Whether the frame was kept."""
        return index in self._pictures


def shrunk(image: Image, *, limit_bytes: int) -> Picture:
    """The image, or a smaller one of at most so many bytes."""
    if image.nbytes <= limit_bytes:
        return Picture(image, 1.0)
    height, width = image.shape[:2]
    scale = (limit_bytes / image.nbytes) ** 0.5
    size = max(1, int(width * scale)), max(1, int(height * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return Picture(np.asarray(small, np.uint8), size[0] / width)
