"""A model's verified file, as READY and result files name it."""

from __future__ import annotations

from sidecar.estimators.protocol import ModelRef
from sidecar.weights import store


def locate(name: str) -> ModelRef:
    """The file of a model of the manifest.

    Raises:
        Failure: MODEL_MISSING.
        UnknownModelError: the manifest has no such model.
    """
    found = store.locate(name)
    return ModelRef(name=name, path=found.path, sha256=found.sha256)
