"""A person detector by its name, from its verified file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.detectors.catalogue import RTMDET
from sidecar.detectors.protocol import Detector
from sidecar.estimators.locating import locate

if TYPE_CHECKING:
    from sidecar.estimators.protocol import LoadContext
    from sidecar.runtimes.torch import Placement


def load_detector(name: str, context: LoadContext, placement: Placement | None) -> Detector:
    """Load one of `catalogue.DETECTORS`.

    Args:
        name: of the detector, which is that of its model.
        context: threads, cache and whom to tell.
        placement: for those on torch; None will do for RTMDet.

    Raises:
        Failure: MODEL_MISSING, MODEL_LOAD_FAILED, or IMPORT_FAILED where torchvision is needed and absent.
    """
    model = locate(name)
    context.progress("loading", model.path.name)
    if name == RTMDET:
        from sidecar.detectors.rtmdet import RtmDet

        return RtmDet(model, threads=context.threads, cache_dir=context.cache_dir, warn=context.warn)
    from sidecar.detectors.torchvision import TorchvisionDetector

    assert placement is not None, f"{name} computes on torch"
    return TorchvisionDetector(model, placement=placement)
