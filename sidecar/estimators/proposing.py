"""What an estimator may offer besides reading regions: to say where in a part of an image a person may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sidecar.pose.region import Region

if TYPE_CHECKING:
    from sidecar.estimators.protocol import Image


@dataclass(frozen=True, slots=True)
class Proposal:
    """A region worth reading.

    Attributes:
        region: the square to read.
        score: how certain the detector is of a person there, in [0, 1].
        bbox_xyxy: the whole person, px, from a detector that draws boxes and saw the image upright.
    """

    region: Region
    score: float
    bbox_xyxy: tuple[float, float, float, float] | None = None


@runtime_checkable
class Proposer(Protocol):
    """An estimator with a detector of its own that can be asked about any part of an image, turned any way."""

    def propose(self, image: Image, window: Region | None = None, *, min_score: float) -> list[Proposal]:
        """Regions that may hold a person, most certain first, without duplicates; bounded in number.

        Args:
            image: RGB uint8 (H, W, 3).
            window: the square to look into, its up being the region's up; None means the whole image.
            min_score: proposals below are left out, in [0, 1].
        """
