"""What every model family satisfies: images in, people out.

Standard library only: a spec must be readable where numpy is missing, so that its absence can be reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sidecar.pose.region import Region
from sidecar.pose.skeleton import Skeleton

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sidecar.pose.person import Person

Image: TypeAlias = "NDArray[np.uint8]"  # (H, W, 3) RGB, upright, C-contiguous


class Cancelled(Exception):
    """The caller no longer wants the answer. Raised between images and batches, never inside one inference."""


class CancelToken(Protocol):
    """Asked between stages, images and batches."""

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled when the work is no longer wanted."""


@dataclass(frozen=True, slots=True)
class ModelRef:
    """One model file in use: its name in models/manifest.json, where it was found, its SHA-256."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class EstimatorInfo:
    """What an estimator says of itself; ends up in READY and in the header of result files.

    Attributes:
        device: the device really in use, as the runtime names it ("CPU", "cuda:0").
        runtime: engine name and version, ("openvino", "2026.4.1").
        max_batch: most images one call may carry.
        follows_one_person: without regions it finds one person at most, and that person's `region` is where to look
            in the next frame; video then follows it as MediaPipe does.
        options: what results depend on besides `models` and `detector`, plain JSON with every default filled in, so
            that equal settings have one name however they were given; None: what the caller gave, as it is.
        faces: (F, 3) vertex indices of the meshes its people carry, counter-clockwise seen from outside; None: they
            carry none.
        body_model: which of `models` is the body that its people's parameters move (SMPL's file), so that others can
            make their meshes too; None: nobody has such parameters, or nobody else may.
    """

    name: str
    skeleton: Skeleton
    device: str
    runtime: tuple[str, str]
    models: tuple[ModelRef, ...] = ()
    detector: str | None = None
    max_batch: int = 32
    follows_one_person: bool = False
    options: Mapping[str, Any] | None = None
    faces: NDArray[np.uint32] | None = None
    body_model: str | None = None


class Estimator(Protocol):
    """A model family that turns images into people. Stateless between calls; used from one thread."""

    @property
    def info(self) -> EstimatorInfo:
        """Facts of this instance."""

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        """Find the people of each image.

        Without regions the estimator looks with its own detector: people come best score first, duplicates
        suppressed, `region_index` None.

        With regions no detector runs and nothing is suppressed: each region gives one person or none. People come
        in the order of their regions, and `Person.region_index` names the region, because a region whose person
        scores below `min_score` leaves no entry. An empty list of regions gives an empty list of people.

        Args:
            images: RGB uint8 (H, W, 3), of any sizes.
            regions: per image, the squares to look into; None, for all or for one image, means the whole image.
                When given, it has one entry per image.
            min_score: people below are left out, in [0, 1]; those under LOW_SCORE_MIN always are.
            cancel: asked between images and batches.

        Raises:
            Cancelled: `cancel` fired.
            ValueError: `regions` and `images` differ in length.
        """

    def close(self) -> None:
        """Release engines and memory. Idempotent."""


def regions_by_image(
    images: Sequence[Image], regions: Sequence[Sequence[Region] | None] | None
) -> list[Sequence[Region] | None]:
    """One entry per image: its regions, or None for the whole image.

    Raises:
        ValueError: `regions` and `images` differ in length.
    """
    if regions is None:
        return [None] * len(images)
    if len(regions) != len(images):
        raise ValueError(f"regions must have one entry per image ({len(images)}), got {len(regions)}")
    return list(regions)


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What an estimator's factory may use while it loads.

    Attributes:
        options: the estimator's own options, unchecked: the factory raises OptionError for a bad one.
        threads: inference threads to use.
        cache_dir: directory for compiled models; None when it cannot be written.
        progress: say what is going on ("loading", "pose_landmark_full.tflite"); call at least every 2 s.
        warn: report something that does not stop work: (code, message, hint).
    """

    options: Mapping[str, Any]
    threads: int
    cache_dir: Path | None
    progress: Callable[[str, str], None] = lambda phase, detail: None
    warn: Callable[[str, str, str | None], None] = lambda code, message, hint: None


class OptionError(ValueError):
    """An option is unknown or out of range; becomes CONFIG_INVALID. The message names the value and the known ones."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A module an estimator imports, and the distribution that brings it.

    Attributes:
        at_start: import it before `create` is called, for the best account of what is wrong with it. False: it must be
            installed, and `create` imports it where this start needs it.
    """

    module: str
    package: str
    at_start: bool = True


@dataclass(frozen=True, slots=True)
class EstimatorSpec:
    """How to get an estimator. Importing the module that holds a spec must import nothing heavy.

    Attributes:
        requires: modules probed, in this order, before `create` is called.
        create: loads models and returns a warm estimator.
        models: what it reads with its default options, by the names of models/manifest.json; the doctor looks for them.
    """

    name: str
    summary: str
    create: Callable[[LoadContext], Estimator]
    requires: tuple[Requirement, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    models: tuple[str, ...] = ()
