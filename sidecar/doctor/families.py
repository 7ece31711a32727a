"""Estimators beside the default one: what each lacks to start, all of it, and what brings it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sidecar.bootstrap import packages, remedy
from sidecar.bootstrap.start import PYTHON_MINIMUM
from sidecar.doctor.finding import OK, WARNING, Finding

if TYPE_CHECKING:
    from sidecar.estimators.protocol import EstimatorSpec
    from sidecar.weights.store import ModelMissing

GROUP = "further estimators"


def family_findings() -> Iterator[Finding]:
    """One finding per estimator that names the models it reads; one that is not wanted is no problem."""
    if sys.version_info < PYTHON_MINIMUM:
        return
    from sidecar.estimators import registry
    from sidecar.estimators.protocol import OptionError
    from sidecar.weights.manifest import UnknownModelError

    missing_of = lru_cache(maxsize=None)(_missing_of)  # families share files, and each is read whole to be verified
    for name in registry.names():
        try:
            spec = registry.spec(name)
            if spec.models:
                yield family_finding(spec, missing_of)
        except (OptionError, UnknownModelError) as error:
            yield Finding(GROUP, name, WARNING, str(error), "Update or uninstall the distribution that brings it.")


def _missing_of(model: str) -> ModelMissing | None:
    from sidecar.weights.together import look_for

    return next(iter(look_for([model])[1]), None)


def family_finding(spec: EstimatorSpec, missing_of: Callable[[str], ModelMissing | None] = _missing_of) -> Finding:
    """Are the modules and files of an estimator here?

    Args:
        missing_of: what is to be said of a model's file; None where it is there.

    Raises:
        UnknownModelError: it names a model that the manifest does not have.
    """
    from sidecar.weights.together import all_missing

    lacking: list[str] = []
    fixes: list[remedy.Remedy] = []
    modules = [one for one in spec.requires if find_spec(one.module.partition(".")[0]) is None]
    if modules:
        lacking.append(f"modules absent: {', '.join(one.module for one in modules)}")
        pins = [packages.pin_of(one.module) or packages.Pin(one.package, "", one.module, ()) for one in modules]
        fixes += [remedy.install(pin) for pin in pins]
    missing = [one for one in map(missing_of, spec.models) if one is not None]
    if missing:
        lacking.append(f"files missing: {', '.join(one.model.name for one in missing)}")
        failure = all_missing(missing, of=len(spec.models))
        fixes.append(remedy.Remedy(failure.hint, failure.command))
    if not lacking:
        return Finding(GROUP, spec.name, OK, f"can start: {', '.join(spec.models)}")
    hints, commands = [fix.hint for fix in fixes], [fix.command for fix in fixes if fix.command]
    command = commands[0] if len(commands) == len(fixes) == 1 else None
    return Finding(GROUP, spec.name, OK, f"optional; {'; '.join(lacking)}", "; also: ".join(hints), command)
