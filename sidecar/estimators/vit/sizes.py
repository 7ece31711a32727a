"""The published sizes of the backbone, and how an image becomes tokens. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PATCH_PX = 16
PADDING_PX = 2  # around the input of the patch convolution
INPUT_WIDTH_PX, INPUT_HEIGHT_PX = 192, 256


@dataclass(frozen=True, slots=True)
class VitSize:
    """How large a backbone is.

    Attributes:
        width: channels of a token.
        depth: blocks.
        heads: of each attention; they divide the width.
        grid: tokens down and across.
        hidden_ratio: hidden channels of a block's two layers, per channel.

    Raises:
        ValueError: a number is not positive, or the heads do not divide the width.
    """

    width: int
    depth: int
    heads: int
    grid: tuple[int, int] = (INPUT_HEIGHT_PX // PATCH_PX, INPUT_WIDTH_PX // PATCH_PX)
    hidden_ratio: int = 4

    def __post_init__(self) -> None:
        if min(self.width, self.depth, self.heads, self.hidden_ratio, *self.grid) < 1 or self.width % self.heads:
            raise ValueError(f"a backbone needs positive sizes and heads that divide its width, got {self}")

    @property
    def tokens(self) -> int:
        """Of one image."""
        return self.grid[0] * self.grid[1]

    @property
    def input_px(self) -> tuple[int, int]:
        """Height and width of the image it reads."""
        return self.grid[0] * PATCH_PX, self.grid[1] * PATCH_PX


SIZES: Mapping[str, VitSize] = MappingProxyType(
    {
        "small": VitSize(384, 12, 12),
        "base": VitSize(768, 12, 12),
        "large": VitSize(1024, 24, 16),
        "huge": VitSize(1280, 32, 16),
    }
)
