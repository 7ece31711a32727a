"""The display matrix of a video: how its frames must be turned and mirrored to stand upright."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame

from sidecar.media.image import Image


@dataclass(frozen=True, slots=True)
class Orientation:
    """A transposition, then mirrored rows, then mirrored columns: every way of turning a picture by right angles."""

    transposed: bool
    rows_reversed: bool
    columns_reversed: bool

    @classmethod
    def of(cls, frame: VideoFrame) -> Orientation:
        """Read a frame's display matrix (ISO 14496-12, 16.16 fixed point); angles between are rounded to 90 degrees."""
        side_data = frame.side_data.get("DISPLAYMATRIX")
        if side_data is None:
            return UPRIGHT
        # (x, y) is shown at (a x + c y, b x + d y).
        a, b, _, c, d = struct.unpack("=5i", bytes(cast(SideData, side_data))[:20])
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(True, rows_reversed=b < 0, columns_reversed=c < 0)
        return cls(False, rows_reversed=d < 0, columns_reversed=a < 0)

    @property
    def mirrored(self) -> bool:
        """Is the picture mirrored, and not only turned?"""
        return self.transposed ^ self.rows_reversed ^ self.columns_reversed

    @property
    def rotation(self) -> int:
        """Degrees clockwise: 0, 90, 180 or 270; of a mirrored picture, before columns are mirrored."""
        columns_reversed = self.columns_reversed ^ self.mirrored
        if self.transposed:
            return 90 if columns_reversed else 270
        return 180 if columns_reversed else 0

    def apply(self, image: Image) -> Image:
        """The upright picture, C-contiguous; the same array where nothing is to be done."""
        upright = cv2.transpose(image) if self.transposed else image
        if self.rows_reversed and self.columns_reversed:
            upright = cv2.flip(upright, -1)
        elif self.rows_reversed:
            upright = cv2.flip(upright, 0)
        elif self.columns_reversed:
            upright = cv2.flip(upright, 1)
        return np.ascontiguousarray(upright, dtype=np.uint8)


UPRIGHT = Orientation(False, False, False)
