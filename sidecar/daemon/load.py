"""From a name to a warm estimator; every way in which that fails is a Failure that says what mends it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sidecar.bootstrap.cache import cache_root, writable_cache
from sidecar.bootstrap.failure import Failure, traceback_tail, unexpected
from sidecar.bootstrap.probe import import_or_fail, present_or_fail
from sidecar.bootstrap.report import Reporter
from sidecar.daemon.config import Config
from sidecar.estimators import registry
from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext, OptionError, Requirement

# What the daemon itself imports, whatever the estimator.
REQUIRED = (
    Requirement("numpy", "numpy"),
    Requirement("cv2", "opencv-python-headless"),
    Requirement("orjson", "orjson"),
    Requirement("msgpack", "msgpack"),
    Requirement("loguru", "loguru"),
    Requirement("psutil", "psutil"),
)
_SERVING_MODULES = ("sidecar.daemon.serving", "sidecar.daemon.ready")  # what the first request needs

Notice = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A warm estimator, the import names it and the daemon need, and what an operator should know."""

    estimator: Estimator
    required: frozenset[str]
    warnings: list[Notice]

    def warn(self, code: str, message: str, hint: str | None) -> None:
        """Add something that does not stop work."""
        self.warnings.append(_warning(code, message, hint))


def load(config: Config, reporter: Reporter) -> Loaded:
    """Import and load everything that serving needs.

    Raises:
        Failure: with the reason and the fix.
    """
    try:
        spec = registry.spec(config.estimator)
    except OptionError as error:
        raise _config_invalid(error, "Choose one of them with --estimator, or in init.") from error
    _import_all((*spec.requires, *REQUIRED), reporter)
    warnings: list[Notice] = []

    def warn(code: str, message: str, hint: str | None) -> None:
        warnings.append(_warning(code, message, hint))

    estimator = _create(spec, config, reporter, warn)
    if config.check:
        reporter.progress("warming", "one inference")
        _check(estimator)
    required = frozenset(one.module for one in (*REQUIRED, *spec.requires))
    return Loaded(estimator, required, warnings)


def _import_all(requirements: Sequence[Requirement], reporter: Reporter) -> None:
    """One after another: on a thread beside the loading of models it was no faster (416 and 422 ms to READY)."""
    for requirement in requirements:
        present_or_fail(requirement.module, requirement.package)  # said before seconds go into the others
    for module, package in {one.module: one.package for one in requirements if one.at_start}.items():
        if module not in sys.modules:
            reporter.progress("importing", module)
        import_or_fail(module, package)
    for name in _SERVING_MODULES:
        import_module(name)


def _create(spec: EstimatorSpec, config: Config, reporter: Reporter, warn: Any) -> Estimator:
    cache_dir = writable_cache()
    if cache_dir is None and cache_root() is not None:
        warn(
            "cache_unwritable",
            f"compiled models cannot be kept in {cache_root()}; every start compiles them again",
            "Make the folder writable, or set POSE_CACHE_DIR to one that is.",
        )
    reporter.progress("loading", spec.name)
    context = LoadContext(config.options, config.threads, cache_dir, reporter.progress, warn)
    try:
        return spec.create(context)
    except OptionError as error:
        options = "; ".join(f"{name}: {meaning}" for name, meaning in spec.options.items())
        raise _config_invalid(error, f"Options of {spec.name}: {options or 'none'}.") from error
    except Failure:
        raise
    except (Exception, SystemExit) as error:
        raise unexpected(error, reporter.phase) from error


def _check(estimator: Estimator) -> None:
    """One real inference through the public door, on a picture of nobody."""
    import numpy as np

    from sidecar.daemon.results import check_people

    rows, columns = np.mgrid[0:256, 0:256].astype(np.uint8)
    picture = np.ascontiguousarray(np.stack([rows, columns, 255 - rows], axis=2))
    try:
        for persons in estimator.estimate([picture]):
            check_people(persons, estimator.info.skeleton)
    except (Exception, SystemExit) as error:
        raise Failure(
            "INFERENCE_FAILED",
            f"the check's inference failed: {type(error).__name__}: {error}",
            "Run `python -m sidecar doctor`; its findings name the fix.",
            phase="warming",
            traceback_tail=traceback_tail(error),
        ) from error


def _warning(code: str, message: str, hint: str | None) -> Notice:
    return {"code": code, "message": message, "hint": hint}


def _config_invalid(error: OptionError, hint: str) -> Failure:
    return Failure("CONFIG_INVALID", str(error), hint, phase="importing")
