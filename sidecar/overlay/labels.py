"""Labels: id, score and provenance on a plate above each person, moved aside where another plate is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.overlay.palette import INK, Colour, readable_on
from sidecar.pose.person import Person

Image = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # xyxy, px

FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_CAPITAL_PX = 21.0  # height of a capital at scale 1
CAPITAL_SHARE = 0.0125  # of the picture's diagonal
SMALLEST_CAPITAL_PX = 7.0
TRIES = 6


@dataclass(frozen=True, slots=True)
class Plate:
    """A label in its place: the plate's box, the text and where its baseline begins."""

    box: Box
    text: str
    baseline: tuple[int, int]
    scale: float
    thickness: int
    colour: Colour


def wordings(person: Person) -> tuple[str, ...]:
    """What a label may say, fullest first; the fullest that fits the picture is used."""
    score = f"{person.score:.2f}" if math.isfinite(person.score) else "?"
    identity = "" if person.id is None else f"#{person.id} "
    shortest = (identity.strip(),) if identity else ()
    word = person.provenance.replace("_", " ")
    return f"{identity}{score} {word}", f"{identity}{score}", *shortest


def place(person: Person, colour: Colour, size: tuple[int, int], taken: list[Box]) -> Plate | None:
    """Find a place for a person's label on a picture of `size` (width, height).

    Above the person, else higher, below, further away: clear of the boxes in `taken` where possible. None when the
    person is outside of the picture or the picture is too small for any wording.
    """
    body = _body_in_picture(person, size)
    if body is None:
        return None
    capital = max(SMALLEST_CAPITAL_PX, CAPITAL_SHARE * math.hypot(*size))
    scale, thickness = capital / FONT_CAPITAL_PX, max(1, round(capital / 8))
    pad = max(2, round(capital * 0.45))
    for text in wordings(person):
        (wide, high), _ = cv2.getTextSize(text, FONT, scale, thickness)
        width, height = wide + 2 * pad, high + 2 * pad
        if width <= size[0] and height <= size[1]:
            box = _free_box(body, (width, height), size, taken, gap=pad)
            return Plate(box, text, (box[0] + pad, box[1] + pad + high), scale, thickness, colour)
    return None


def draw_plate(image: Image, plate: Plate) -> None:
    """Draw a label into `image`."""
    x0, y0, x1, y1 = plate.box
    cv2.rectangle(image, (x0, y0), (x1 - 1, y1 - 1), plate.colour, cv2.FILLED)
    cv2.rectangle(image, (x0, y0), (x1 - 1, y1 - 1), INK, 1)
    ink = readable_on(plate.colour)
    cv2.putText(image, plate.text, plate.baseline, FONT, plate.scale, ink, plate.thickness, cv2.LINE_AA)


def _body_in_picture(person: Person, size: tuple[int, int]) -> tuple[float, float, float, float] | None:
    points = np.asarray(person.keypoints[:, :2], np.float64)
    points = points[np.all((points >= 0) & (points < size), axis=1)]
    if not len(points):
        return None
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return x0, y0, x1, y1


def _free_box(
    body: tuple[float, float, float, float],
    plate: tuple[int, int],
    size: tuple[int, int],
    taken: list[Box],
    *,
    gap: int,
) -> Box:
    x0, y0, x1, y1 = body
    width, height = plate
    left = round(min(max((x0 + x1 - width) / 2, 0), size[0] - width))
    headroom = 0.06 * (y1 - y0)  # the skull reaches above the eyes
    above = y0 - headroom - gap - height
    tops = [above, above - height - 1, y1 + gap]
    tops += [above - step * (height + 1) for step in range(2, TRIES)]
    tops += [y0 + step * (height + 1) for step in range(TRIES)]
    boxes = []
    for top in tops:
        fitted = round(min(max(top, 0), size[1] - height))
        boxes.append((left, fitted, left + width, fitted + height))
    free = (box for box in boxes if not any(_overlap(box, other) for other in taken))
    return next(free, boxes[0])


def _overlap(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
