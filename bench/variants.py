"""The clips made harder: mirrored, upside down, rolling, far away, hidden for moments, among what looks like people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Boxes = NDArray[np.float64]  # (N, 5) rows [x1, y1, x2, y2, score], px
Matrix = NDArray[np.float64]  # (2, 3), from px of the clip to px of the variant

ROLL_FRAMES = 60  # for one turn of the camera
HIDDEN_EVERY, HIDDEN_FRAMES = 30, 6
BOARD_MARGIN = 1.4
BOARD = (120, 110, 100)
# Clip, frame and square (x, y, side) of what people were taken for: trees, an inflatable's end.
LURES = (
    ("kicker", 36, 250, 0, 110),
    ("grab", 44, 130, 60, 60),
    ("dryslope", 118, 540, 80, 100),
    ("kicker", 127, 0, 20, 90),
)
_AS_IT_IS = np.array([[1, 0, 0], [0, 1, 0]], np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Frames with the boxes of their rider.

    Attributes:
        images: as the finder sees them.
        boxes: in px of the clip as it was.
        matrices: how each frame was moved.
        hidden: frames in which the rider cannot be seen.
    """

    images: Sequence[Image]
    boxes: Sequence[Boxes]
    matrices: Sequence[Matrix]
    hidden: frozenset[int] = field(default_factory=frozenset)

    def as_it_was(self, index: int, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points (N, 2) of a frame of the variant, in px of the clip as it was."""
        back = cv2.invertAffineTransform(self.matrices[index])
        return np.asarray(points @ back[:, :2].T + back[:, 2], np.float32)


Lures = Sequence[Image]
Variant = Callable[[Clip, Lures], Clip]


def clip_of(images: Sequence[Image], boxes: Sequence[Sequence[Sequence[float]]]) -> Clip:
    """A clip as it is."""
    return Clip(images, [of_the_rider(frame) for frame in boxes], [_AS_IT_IS] * len(images))


def as_it_is(clip: Clip, lures: Lures) -> Clip:
    """The clip."""
    return clip


def mirrored(clip: Clip, lures: Lures) -> Clip:
    """Left and right exchanged."""
    matrix = np.array([[-1, 0, clip.images[0].shape[1]], [0, 1, 0]], np.float64)
    return _moved(clip, lambda index: matrix, lambda image, index: image[:, ::-1])


def upside_down(clip: Clip, lures: Lures) -> Clip:
    """Turned by half a turn."""
    height, width = clip.images[0].shape[:2]
    matrix = np.array([[-1, 0, width], [0, -1, height]], np.float64)
    return _moved(clip, lambda index: matrix, lambda image, index: image[::-1, ::-1])


def rolling(clip: Clip, lures: Lures) -> Clip:
    """By a camera that rolls about its axis."""
    height, width = clip.images[0].shape[:2]

    def matrix(index: int) -> Matrix:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 360 * index / ROLL_FRAMES, 1.0)
        return np.asarray(turn, np.float64)

    def turned(image: Image, index: int) -> Image:
        return np.asarray(cv2.warpAffine(image, matrix(index), (width, height)), np.uint8)

    return _moved(clip, matrix, turned)


def far_away(clip: Clip, lures: Lures) -> Clip:
    """At half the size, amid a blur of the same colours."""
    height, width = clip.images[0].shape[:2]
    matrix = np.array([[0.5, 0, width // 4], [0, 0.5, height // 4]], np.float64)

    def smaller(image: Image, index: int) -> Image:
        canvas = cv2.resize(cv2.resize(image, (4, 3), interpolation=cv2.INTER_AREA), (width, height))
        small = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        canvas[height // 4 :, width // 4 :][: small.shape[0], : small.shape[1]] = small
        return np.asarray(canvas, np.uint8)

    return _moved(clip, lambda index: matrix, smaller)


def behind_boards(clip: Clip, lures: Lures) -> Clip:
    """With a board over the rider for some frames of every second."""
    hidden = frozenset(i for i in range(len(clip.images)) if i % HIDDEN_EVERY >= HIDDEN_EVERY - HIDDEN_FRAMES)

    def covered(image: Image, index: int) -> Image:
        if index not in hidden:
            return image
        x1, y1, x2, y2 = clip.boxes[index][0, :4]
        half = BOARD_MARGIN / 2 * max(x2 - x1, y2 - y1)
        cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
        image = image.copy()
        corners = (round(cx - half), round(cy - half)), (round(cx + half), round(cy + half))
        cv2.rectangle(image, *corners, BOARD, cv2.FILLED)
        return image

    return replace(_painted(clip, covered), hidden=hidden)


def among_lures(clip: Clip, lures: Lures) -> Clip:
    """With trees and inflatables of other places in the corners, where the rider is not."""
    height, width = clip.images[0].shape[:2]

    def pasted(image: Image, index: int) -> Image:
        image = image.copy()
        for number, lure in enumerate(lures):
            side = lure.shape[0]
            x, y = (number % 2) * (width - side), (number // 2) * (height - side)
            x1, y1, x2, y2 = clip.boxes[index][:, :4].T
            if ((x1 > x + side) | (x2 < x) | (y1 > y + side) | (y2 < y)).all():
                image[y : y + side, x : x + side] = lure
        return image

    return _painted(clip, pasted)


VARIANTS: dict[str, Variant] = {
    "as it is": as_it_is,
    "mirrored": mirrored,
    "upside down": upside_down,
    "mirrored, upside down": lambda clip, lures: upside_down(mirrored(clip, lures), lures),
    "rolling": rolling,
    "far away": far_away,
    "behind boards": behind_boards,
    "among lures": among_lures,
}


def of_the_rider(boxes: Sequence[Sequence[float]]) -> Boxes:
    """The most certain box of a frame and those that overlap it: of the others, some are trees."""
    rows = np.array(boxes, np.float64).reshape(-1, 5)
    if len(rows) == 0:
        return rows
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    low, high = np.maximum(rows[:, :2], rows[0, :2]), np.minimum(rows[:, 2:4], rows[0, 2:4])
    return rows[(low < high).all(axis=1)]


def _painted(clip: Clip, paint: Callable[[Image, int], Image]) -> Clip:
    return replace(clip, images=[np.ascontiguousarray(paint(one, index)) for index, one in enumerate(clip.images)])


def _moved(clip: Clip, matrix: Callable[[int], Matrix], paint: Callable[[Image, int], Image]) -> Clip:
    matrices = [_after(matrix(index), before) for index, before in enumerate(clip.matrices)]
    return replace(_painted(clip, paint), matrices=matrices)


def _after(second: Matrix, first: Matrix) -> Matrix:
    """What two movements one after the other do."""
    return np.concatenate([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2:] + second[:, 2:]], axis=1)
