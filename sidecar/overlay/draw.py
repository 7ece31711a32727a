"""People drawn over a picture: who, how sure, and where the numbers came from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sidecar.overlay.anatomy import anatomy
from sidecar.overlay.body import BodyDrawing
from sidecar.overlay.labels import Box, draw_plate, place
from sidecar.overlay.palette import identity_colour
from sidecar.pose.person import Person
from sidecar.pose.skeleton import Skeleton

Image = NDArray[np.uint8]  # (H, W, 3) RGB


class OverlayError(ValueError):
    """A picture or a person cannot be drawn as it is. The message names what was expected and what came."""


def draw_people(image_rgb: Image, persons: Sequence[Person], skeleton: Skeleton, *, labels: bool = True) -> Image:
    """A copy of the picture with its people drawn over it.

    One colour per id (per place in the list for people without one), left sides of bodies lighter, right sides darker.
    Solid lines are detected, thin ones of low score, dashes interpolated, dots predicted. Small people are drawn over
    large ones, labels over all. Joints may lie anywhere; what is outside of the picture or not finite is left out.

    Args:
        image_rgb: (H, W, 3) uint8.
        labels: write id, score and provenance above each person.

    Raises:
        OverlayError: the picture is no RGB picture, or a person has other keypoints than the skeleton.
    """
    _check_image(image_rgb)
    for person in persons:
        _check_person(person, skeleton)
    drawn: Image = np.array(image_rgb, order="C", copy=True)
    size = (drawn.shape[1], drawn.shape[0])
    coloured = [
        (person, identity_colour(number if person.id is None else person.id))
        for number, person in enumerate(persons, start=1)
    ]
    coloured.sort(key=lambda pair: -_height(pair[0]))
    for person, colour in coloured:
        BodyDrawing(person, anatomy(skeleton), colour, size).draw(drawn)
    taken: list[Box] = []
    for person, colour in coloured if labels else ():
        plate = place(person, colour, size, taken)
        if plate is not None:
            taken.append(plate.box)
            draw_plate(drawn, plate)
    return drawn


def _height(person: Person) -> float:
    rows = person.keypoints[:, 1]
    rows = rows[np.isfinite(rows)]
    return float(np.ptp(rows.astype(np.float64))) if rows.size else 0.0


def _check_image(image: Image) -> None:
    shape, kind = getattr(image, "shape", None), getattr(image, "dtype", type(image).__name__)
    if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise OverlayError(f"image must have shape (height, width, 3) with at least one pixel, got {shape}")
    if image.dtype != np.uint8:
        raise OverlayError(f"image must be uint8, got {kind}")


def _check_person(person: Person, skeleton: Skeleton) -> None:
    wanted, got = (len(skeleton.keypoints), 4), np.shape(person.keypoints)
    if got != wanted:
        raise OverlayError(f"keypoints must have shape {wanted} for {skeleton.name}, got {got}")
