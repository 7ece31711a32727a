"""Which material each part of a person is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.mannequin.body.shape import Clothes, Colour
from sidecar.mannequin.render.materials import Materials, srgb_to_linear


@dataclass(frozen=True, slots=True)
class Palette:
    """Material numbers of one person's parts."""

    skin: int
    lips: int
    eye_white: int
    iris: int
    brows: int
    hair: int
    shirt: int
    shirt_plain: int
    collar: int
    trousers: int
    shoes: int
    soles: int


def palettes_for(wardrobe: Sequence[Clothes]) -> tuple[list[Palette], Materials]:
    """One palette per person, and the tables they index."""
    colours: list[Colour] = []
    accents: list[Colour] = []
    stripes: list[tuple[float, float]] = []
    gloss: list[float] = []

    def add(
        colour: Colour, *, shine: float = 0.03, accent: Colour | None = None, pattern: tuple[float, float] = (0, 0)
    ) -> int:
        colours.append(colour)
        accents.append(accent or colour)
        stripes.append(pattern)
        gloss.append(shine)
        return len(colours) - 1

    def dress(clothes: Clothes) -> Palette:
        skin = clothes.skin
        pattern = {"plain": (0.0, 0.0), "stripes": (16.0, 0.38), "band": (2.6, 0.22)}[clothes.pattern]
        return Palette(
            skin=add(skin, shine=0.10),
            lips=add((skin[0] * 0.80, skin[1] * 0.52, skin[2] * 0.50), shine=0.15),
            eye_white=add((0.93, 0.93, 0.92), shine=0.3),
            iris=add((0.12, 0.09, 0.08), shine=0.6),
            brows=add((clothes.hair[0] * 0.8, clothes.hair[1] * 0.8, clothes.hair[2] * 0.8)),
            hair=add(clothes.hair, shine=0.22),
            shirt=add(clothes.shirt, accent=clothes.accent, pattern=pattern),
            shirt_plain=add(clothes.shirt),
            collar=add(clothes.accent if clothes.pattern != "plain" else clothes.shirt),
            trousers=add(clothes.trousers),
            shoes=add(clothes.shoes, shine=0.12),
            soles=add((0.90, 0.90, 0.88) if sum(clothes.shoes) < 1.5 else (0.30, 0.28, 0.27)),
        )

    palettes = [dress(clothes) for clothes in wardrobe]
    return palettes, Materials(
        albedo=np.array([srgb_to_linear(colour) for colour in colours], np.float32),
        accent=np.array([srgb_to_linear(colour) for colour in accents], np.float32),
        stripes=np.array([count for count, _ in stripes], np.float32),
        share=np.array([share for _, share in stripes], np.float32),
        gloss=np.array(gloss, np.float32),
    )
