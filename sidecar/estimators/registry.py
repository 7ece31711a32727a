"""Which estimators there are: the built-in ones, and those that other distributions bring along."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sidecar.estimators.protocol import EstimatorSpec, OptionError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "pose_sidecar.estimators"

# Modules, not specs: naming an estimator must import none of them.
_BUILT_IN = {
    "blazepose": "sidecar.estimators.blazepose",
    "hmr2": "sidecar.estimators.hmr2",
    "hybrid": "sidecar.estimators.hybrid",
    "null": "sidecar.estimators.null",
    "torchvision": "sidecar.estimators.torchvision",
    "vitpose": "sidecar.estimators.vitpose",
}


def names() -> list[str]:
    """Every known estimator: built-in ones first, then third-party ones, each sorted."""
    return sorted(_BUILT_IN) + sorted(set(_third_party()) - set(_BUILT_IN))


def spec(name: str) -> EstimatorSpec:
    """The spec of one estimator. A built-in name cannot be taken by another distribution.

    Raises:
        OptionError: nobody has this name (lists the known ones), or the distribution that has it is broken.
    """
    if name in _BUILT_IN:
        built_in: EstimatorSpec = import_module(_BUILT_IN[name]).SPEC
        return built_in
    entry_point = _third_party().get(name)
    if entry_point is None:
        raise OptionError(f"unknown estimator {name!r}; known: {', '.join(names())}")
    origin = f"estimator {name!r} ({entry_point.value}, from {entry_point.dist.name if entry_point.dist else '?'})"
    try:
        loaded = entry_point.load()
    except Exception as error:  # whatever a stranger's module raises while it is imported
        raise OptionError(f"{origin} cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(loaded, EstimatorSpec):
        raise OptionError(f"{origin} must be an EstimatorSpec, got {type(loaded).__name__}")
    return loaded


def _third_party() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # 30 ms, for which a built-in estimator does not wait

    return {entry_point.name: entry_point for entry_point in entry_points(group=ENTRY_POINT_GROUP)}
