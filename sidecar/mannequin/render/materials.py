"""What a surface's material number means to the shader."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Materials:
    """Tables over material numbers.

    Attributes:
        albedo, accent: (M, 3) linear colours; the accent shows on stripes.
        stripes: (M,) stripes per metre along the surface's axis, 0 for none.
        share: (M,) part of a period the accent takes, in [0, 1].
        gloss: (M,) strength of the highlight.
    """

    albedo: NDArray[np.float32]
    accent: NDArray[np.float32]
    stripes: NDArray[np.float32]
    share: NDArray[np.float32]
    gloss: NDArray[np.float32]


def srgb_to_linear(colour: tuple[float, float, float]) -> NDArray[np.float32]:
    """Light intensities of a colour, by the 2.2 power law the shader undoes at the end."""
    return np.asarray(np.asarray(colour, np.float32) ** np.float32(2.2), np.float32)
