"""How every family's `estimate` opens: the estimator is open, the images can be read, each has its regions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sidecar.estimators.protocol import regions_by_image

if TYPE_CHECKING:
    from sidecar.estimators.protocol import CancelToken, Image
    from sidecar.pose.region import Region

Parts = TypeVar("Parts")

IMAGE_SIDE_MAX_PX = 32_766  # OpenCV warps with 16-bit coordinates


def opened(parts: Parts | None) -> Parts:
    """The parts of an estimator that has some until it is closed.

    Raises:
        RuntimeError: there are none any more.
    """
    if parts is None:
        raise RuntimeError("the estimator is closed")
    return parts


def asked(
    images: Sequence[Image], regions: Sequence[Sequence[Region] | None] | None, *, cancel: CancelToken | None
) -> Iterator[tuple[Image, Sequence[Region] | None]]:
    """Each image with its regions, or None for the whole of it. All are checked before the first is given.

    Raises:
        ValueError: an image has the wrong type, shape or size, or `regions` and `images` differ in length.
        Cancelled: `cancel` fired between images.
    """
    wanted = regions_by_image(images, regions)
    for image in images:
        require_image(image)
    for pair in zip(images, wanted, strict=True):
        if cancel is not None:
            cancel.raise_if_cancelled()
        yield pair


def require_image(image: Image) -> None:
    """Raise ValueError unless this is an image that can be cropped."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"an image must be uint8 with shape (height, width, 3), got {image.dtype} {image.shape}")
    if max(image.shape) > IMAGE_SIDE_MAX_PX:
        height, width = image.shape[:2]
        raise ValueError(f"an image may be at most {IMAGE_SIDE_MAX_PX} px wide and high, got {width} x {height}")
