"""One person's bones and joints on a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.overlay.anatomy import FINE, Anatomy
from sidecar.overlay.palette import INK, SIDES, Colour, Side, side_colour
from sidecar.overlay.strokes import SUBPIXEL_BITS, cut, dashes, subpixels
from sidecar.overlay.style import STROKES, VISIBILITY_LEVELS, bone_width
from sidecar.pose.person import Person

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Lines = list[NDArray[np.int32]]  # in sub-pixels
Disc = tuple[int, Colour, int]  # radius in sub-pixels, colour, thickness
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
        self._lines, self._spots = subpixels(self._segments), subpixels(self._points)
        self._seen = np.nan_to_num(np.asarray(person.keypoints[:, 3], np.float64), nan=0.0)
        discs = {
            (scale, side): self._discs(scale, colour) for scale in (1.0, FINE) for side, colour in self._colours.items()
        }
        self._joint_discs = [discs[key] for key in zip(anatomy.joint_scale.tolist(), anatomy.joint_sides, strict=True)]
        self._bone_seen = self._seen[anatomy.bones].min(axis=1, initial=math.inf)

    def draw(self, image: Image) -> None:
        """Draw into `image`, the least visible first. What is outside or not finite is left out."""
        ceilings = [floor for floor, _ in VISIBILITY_LEVELS[1:]] + [math.inf]
        for (floor, strength), ceiling in zip(VISIBILITY_LEVELS, ceilings, strict=True):
            bones = self._has_bone & (self._bone_seen >= floor) & (self._bone_seen < ceiling)
            joints = self._has_joint & (self._seen >= floor) & (self._seen < ceiling)
            if bones.any() or joints.any():
                self._blend(image, bones, joints, strength)

    def _blend(self, image: Image, bones: Mask, joints: Mask, strength: float) -> None:
        """Draw with `strength` of the colour; below 1 only the rectangle that is touched is copied and mixed."""
        if strength == 1.0:
            self._paint(image, bones, joints, (0, 0))
            return
        spots = np.concatenate([self._segments[bones].reshape(-1, 2), self._points[joints]])
        reach = 2 * self._width + 3
        x0, y0 = np.clip(np.floor(spots.min(axis=0) - reach), 0, image.shape[1::-1]).astype(int).tolist()
        x1, y1 = np.clip(np.ceil(spots.max(axis=0) + reach), 0, image.shape[1::-1]).astype(int).tolist()
        if x0 >= x1 or y0 >= y1:
            return
        window = image[y0:y1, x0:x1]
        painted = window.copy()
        self._paint(painted, bones, joints, (x0, y0))
        window[...] = cv2.addWeighted(painted, strength, window, 1 - strength, 0)

    def _paint(self, image: Image, bones: Mask, joints: Mask, origin: tuple[int, int]) -> None:
        """All outlines first, then all colours, so that no outline crosses a neighbour."""
        shift = np.array(origin, np.int32) << SUBPIXEL_BITS
        strokes = list(self._strokes(bones, shift))
        for lines, width, _ in strokes:
            _draw_lines(image, lines, INK, width + self._outline)
        for lines, width, side in strokes:
            _draw_lines(image, lines, self._colours[side], width)
        places = (self._spots[joints] - shift).tolist()
        for joint, at in zip(np.flatnonzero(joints).tolist(), places, strict=True):
            for disc in self._joint_discs[joint]:
                cv2.circle(image, at, *disc, cv2.LINE_AA, SUBPIXEL_BITS)

    def _strokes(self, bones: Mask, shift: NDArray[np.int32]) -> Iterator[tuple[Lines, float, Side]]:
        for side, scale, group in self._anatomy.bone_groups:
            chosen = group & bones
            if chosen.any():
                yield list(self._pieces(chosen, scale) - shift), self._width * scale * self._stroke.width, side

    def _pieces(self, bones: Mask, scale: float) -> NDArray[np.int32]:
        if not self._stroke.off:
            return self._lines[bones]
        unit = self._width * scale * self._stroke.width + self._outline
        return subpixels(dashes(self._segments[bones], self._stroke.on * unit, self._stroke.off * unit))

    def _discs(self, scale: float, colour: Colour) -> tuple[Disc, Disc]:
        """A joint: its outline, then its colour."""
        radius = max(1.0, self._width * 0.85 * scale * self._stroke.width)
        if self._stroke.hollow and scale == 1.0:  # rings of faces and fingers would be blots
            rim = _fine(radius + 0.5)
            return (rim, INK, _thickness(radius * 0.5 + self._outline)), (rim, colour, _thickness(radius * 0.5))
        return (_fine(radius + self._outline / 2), INK, cv2.FILLED), (_fine(radius), colour, cv2.FILLED)


def _fine(radius: float) -> int:
    return round(radius * (1 << SUBPIXEL_BITS))


def _thickness(width: float) -> int:
    return min(max(1, round(width)), THICKEST_LINE_PX)


def _draw_lines(image: Image, lines: Lines, colour: Colour, width: float) -> None:
    cv2.polylines(image, lines, False, colour, _thickness(width), cv2.LINE_AA, SUBPIXEL_BITS)
