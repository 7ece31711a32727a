"""One person's bones and joints on a picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.overlay.anatomy import Anatomy
from sidecar.overlay.palette import INK, Colour, Side, side_colour
from sidecar.overlay.strokes import SUBPIXEL_BITS, Segments, cut, dashes, subpixels
from sidecar.overlay.style import STROKES, VISIBILITY_LEVELS, bone_width
from sidecar.pose.person import Person

Image = NDArray[np.uint8]
Numbers = NDArray[np.int64]
SIDES: tuple[Side, ...] = ("right", "middle", "left")
THINNEST_OUTLINE_PX = 1.2
DETAILS_FROM_PX = 1.3  # faces and fingers of thinner people would be blots
THICKEST_LINE_PX = 255  # OpenCV raises for more


class BodyDrawing:
    """The measures of one person on one picture, and the drawing of it level by level."""

    def __init__(self, person: Person, anatomy: Anatomy, colour: Colour, size: tuple[int, int]) -> None:
        """Prepare for a picture of `size` (width, height)."""
        self._anatomy = anatomy
        self._colours = {side: side_colour(colour, side) for side in SIDES}
        self._stroke = STROKES[person.provenance]
        points = np.asarray(person.keypoints[:, :2], np.float64)
        finite = np.all(np.isfinite(points), axis=1)
        extent = np.ptp(points[finite], axis=0) if finite.any() else np.zeros(2)
        self._width = bone_width(float(np.hypot(*extent)), math.hypot(*size))
        self._outline = max(THINNEST_OUTLINE_PX, 0.5 * self._width)
        margin = 4 * self._width + 2
        low, high = (-margin, -margin), (size[0] + margin, size[1] + margin)
        self._segments, self._has_bone = cut(points[anatomy.bones], low, high)
        self._has_joint = finite & np.all((points > low) & (points < high), axis=1)
        if self._width < DETAILS_FROM_PX:
            self._has_bone &= anatomy.bone_scale == 1.0
            self._has_joint &= anatomy.joint_scale == 1.0
        self._points = np.where(self._has_joint[:, None], points, 0.0)
        self._seen = np.nan_to_num(np.asarray(person.keypoints[:, 3], np.float64), nan=0.0)
        self._bone_seen = self._seen[anatomy.bones].min(axis=1, initial=math.inf)

    def draw(self, image: Image) -> None:
        """Draw into `image`, the least visible first. What is outside or not finite is left out."""
        ceilings = [floor for floor, _ in VISIBILITY_LEVELS[1:]] + [math.inf]
        for (floor, strength), ceiling in zip(VISIBILITY_LEVELS, ceilings, strict=True):
            bones = np.flatnonzero(self._has_bone & (self._bone_seen >= floor) & (self._bone_seen < ceiling))
            joints = np.flatnonzero(self._has_joint & (self._seen >= floor) & (self._seen < ceiling))
            if bones.size or joints.size:
                self._blend(image, bones, joints, strength)

    def _blend(self, image: Image, bones: Numbers, joints: Numbers, strength: float) -> None:
        """Draw with `strength` of the colour; below 1 only the rectangle that is touched is copied and mixed."""
        if strength == 1.0:
            self._paint(image, bones, joints, np.zeros(2))
            return
        spots = np.concatenate([self._segments[bones].reshape(-1, 2), self._points[joints]])
        reach = 2 * self._width + 3
        x0, y0 = np.clip(np.floor(spots.min(axis=0) - reach), 0, image.shape[1::-1]).astype(int).tolist()
        x1, y1 = np.clip(np.ceil(spots.max(axis=0) + reach), 0, image.shape[1::-1]).astype(int).tolist()
        if x0 >= x1 or y0 >= y1:
            return
        window = image[y0:y1, x0:x1]
        painted = window.copy()
        self._paint(painted, bones, joints, np.array([x0, y0], np.float64))
        window[...] = cv2.addWeighted(painted, strength, window, 1 - strength, 0)

    def _paint(self, image: Image, bones: Numbers, joints: Numbers, origin: NDArray[np.float64]) -> None:
        """All outlines first, then all colours, so that no outline crosses a neighbour."""
        strokes = [
            (self._pieces(group, scale) - origin, self._width * scale * self._stroke.width, side)
            for side in SIDES
            for scale, group in self._groups(bones, side)
        ]
        for segments, width, _ in strokes:
            _draw_lines(image, segments, INK, width + self._outline)
        for segments, width, side in strokes:
            _draw_lines(image, segments, self._colours[side], width)
        for joint, at in zip(joints.tolist(), subpixels(self._points[joints] - origin).tolist(), strict=True):
            self._draw_joint(image, joint, at)

    def _groups(self, bones: Numbers, side: Side) -> list[tuple[float, list[int]]]:
        """The bones of a side, one group per factor on the width."""
        chosen = [bone for bone in bones.tolist() if self._anatomy.bone_sides[bone] == side]
        scales = self._anatomy.bone_scale
        return [
            (scale, [bone for bone in chosen if scales[bone] == scale])
            for scale in sorted({float(scales[bone]) for bone in chosen})
        ]

    def _pieces(self, bones: list[int], scale: float) -> Segments:
        segments = self._segments[bones]
        if not self._stroke.off:
            return segments
        unit = self._width * scale * self._stroke.width + self._outline
        return dashes(segments, self._stroke.on * unit, self._stroke.off * unit)

    def _draw_joint(self, image: Image, joint: int, at: list[int]) -> None:
        scale = float(self._anatomy.joint_scale[joint])
        radius = max(1.0, self._width * 0.85 * scale * self._stroke.width)
        colour = self._colours[self._anatomy.joint_sides[joint]]
        if self._stroke.hollow and scale == 1.0:  # rings of faces and fingers would be blots
            _draw_disc(image, at, radius + 0.5, INK, ring_px=radius * 0.5 + self._outline)
            _draw_disc(image, at, radius + 0.5, colour, ring_px=radius * 0.5)
        else:
            _draw_disc(image, at, radius + self._outline / 2, INK)
            _draw_disc(image, at, radius, colour)


def _thickness(width: float) -> int:
    return min(max(1, round(width)), THICKEST_LINE_PX)


def _draw_lines(image: Image, segments: Segments, colour: Colour, width: float) -> None:
    if len(segments):
        lines = list(subpixels(segments))
        cv2.polylines(image, lines, False, colour, _thickness(width), cv2.LINE_AA, SUBPIXEL_BITS)


def _draw_disc(image: Image, at: list[int], radius: float, colour: Colour, *, ring_px: float | None = None) -> None:
    """A disc or ring around a point in sub-pixels."""
    x, y = at
    fine = round(radius * (1 << SUBPIXEL_BITS))
    thick = cv2.FILLED if ring_px is None else _thickness(ring_px)
    cv2.circle(image, (x, y), fine, colour, thick, cv2.LINE_AA, SUBPIXEL_BITS)
