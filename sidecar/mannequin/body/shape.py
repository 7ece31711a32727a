"""Measures and clothes of one mannequin, drawn from a seed so that neighbours look different."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

Colour = tuple[float, float, float]  # sRGB in [0, 1]
Pattern = Literal["plain", "stripes", "band"]
Hair = Literal["short", "bob", "bun"]

SKINS: tuple[Colour, ...] = ((0.93, 0.75, 0.65), (0.87, 0.66, 0.53), (0.72, 0.51, 0.38), (0.52, 0.36, 0.27))
HAIRS: tuple[Colour, ...] = ((0.13, 0.09, 0.07), (0.33, 0.20, 0.11), (0.62, 0.44, 0.22), (0.20, 0.19, 0.20))
TROUSERS: tuple[Colour, ...] = (
    (0.16, 0.21, 0.36), (0.22, 0.22, 0.25), (0.55, 0.47, 0.36), (0.26, 0.32, 0.27), (0.40, 0.44, 0.50),
)  # fmt: skip
SHOES: tuple[Colour, ...] = ((0.85, 0.84, 0.82), (0.15, 0.15, 0.17), (0.62, 0.20, 0.17), (0.30, 0.22, 0.17))
SHIRT_HUES = (0.00, 0.58, 0.13, 0.38, 0.78, 0.50, 0.06, 0.90)  # far apart for neighbours in the list


@dataclass(frozen=True, slots=True)
class Shape:
    """Lengths and radii, metres. Proportions after D. Winter, "Biomechanics and Motor Control", fig. 4.1."""

    height: float
    girth: float

    @property
    def thigh(self) -> float:
        return 0.245 * self.height

    @property
    def shank(self) -> float:
        return 0.246 * self.height

    @property
    def ankle_height(self) -> float:
        return 0.045 * self.height

    @property
    def hip_half_width(self) -> float:
        return 0.057 * self.height

    @property
    def torso(self) -> float:
        """Hip centres to the line of the shoulders."""
        return 0.288 * self.height

    @property
    def shoulder_half_width(self) -> float:
        return 0.098 * self.height

    @property
    def upper_arm(self) -> float:
        return 0.168 * self.height

    @property
    def forearm(self) -> float:
        return 0.148 * self.height

    @property
    def neck(self) -> float:
        """Line of the shoulders to the middle of the head."""
        return 0.128 * self.height

    @property
    def head_half_height(self) -> float:
        return 0.066 * self.height

    @property
    def leg(self) -> float:
        """Hip centre to the sole, standing straight."""
        return self.thigh + self.shank + self.ankle_height


@dataclass(frozen=True, slots=True)
class Clothes:
    """Colours (sRGB in [0, 1]) and cuts."""

    skin: Colour
    hair: Colour
    hair_style: Hair
    shirt: Colour
    accent: Colour
    pattern: Pattern
    long_sleeves: bool
    trousers: Colour
    shorts: bool
    shoes: Colour


def random_shape(rng: Generator) -> Shape:
    return Shape(height=float(rng.uniform(1.62, 1.86)), girth=float(rng.uniform(0.93, 1.12)))


def random_clothes(rng: Generator, number: int, *, first_hue: int) -> Clothes:
    """Clothes of person `number` (from 0); shirts of neighbouring numbers differ in hue."""
    hue = SHIRT_HUES[(first_hue + number) % len(SHIRT_HUES)]
    patterns: tuple[Pattern, ...] = ("plain", "stripes", "band")
    styles: tuple[Hair, ...] = ("short", "bob", "bun")
    return Clothes(
        skin=SKINS[int(rng.integers(len(SKINS)))],
        hair=HAIRS[int(rng.integers(len(HAIRS)))],
        hair_style=styles[int(rng.integers(len(styles)))],
        shirt=colorsys.hsv_to_rgb(hue, float(rng.uniform(0.55, 0.8)), float(rng.uniform(0.62, 0.85))),
        accent=(0.93, 0.91, 0.86) if rng.random() < 0.7 else (0.17, 0.18, 0.24),
        pattern=patterns[int(rng.integers(len(patterns)))],
        long_sleeves=bool(rng.random() < 0.45),
        trousers=TROUSERS[int(rng.integers(len(TROUSERS)))],
        shorts=bool(rng.random() < 0.25),
        shoes=SHOES[int(rng.integers(len(SHOES)))],
    )
