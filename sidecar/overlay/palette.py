"""Colours of people: one per id, told apart by colour-blind eyes; lighter on a body's left, darker on its right.

The eight colours follow M. Okabe and K. Ito, "Color Universal Design" (2008), with grey in place of black.
"""

from __future__ import annotations

from typing import Literal

Colour = tuple[int, int, int]  # RGB, 0 to 255
Side = Literal["left", "middle", "right"]
SIDES: tuple[Side, ...] = ("right", "middle", "left")  # in the order of drawing

IDENTITY_COLOURS: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66),
    (0, 114, 178), (213, 94, 0), (204, 121, 167), (187, 187, 187),
)  # fmt: skip
INK: Colour = (16, 16, 20)
PAPER: Colour = (255, 255, 255)
LEFT_WHITE_SHARE = 0.55
RIGHT_INK_SHARE = 0.38


def identity_colour(identity: int) -> Colour:
    """The colour of id 1, 2, 3 …; the same in every frame and every run, repeating after eight."""
    return IDENTITY_COLOURS[(identity - 1) % len(IDENTITY_COLOURS)]


def side_colour(colour: Colour, side: Side) -> Colour:
    """A person's colour on one side of the body."""
    if side == "left":
        return blend(colour, PAPER, LEFT_WHITE_SHARE)
    return blend(colour, INK, RIGHT_INK_SHARE) if side == "right" else colour


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """`first` at share 0, `second` at 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def readable_on(background: Colour) -> Colour:
    """Ink or paper, whichever stands out more (luminance by ITU-R BT.601)."""
    red, green, blue = background
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 120 else PAPER
