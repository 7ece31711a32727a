"""A model's verified file, as READY and result files name it."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.estimators.protocol import ModelRef
from sidecar.weights import store, together


def locate(name: str) -> ModelRef:
    """The file of a model of the manifest.

    Raises:
        Failure: MODEL_MISSING.
        UnknownModelError: the manifest has no such model.
    """
    found = store.locate(name)
    return ModelRef(name=name, path=found.path, sha256=found.sha256)


def locate_all(names: Sequence[str]) -> list[ModelRef]:
    """The files of several models, in their order.

    Raises:
        Failure: MODEL_MISSING, naming every one that is.
        UnknownModelError: the manifest has no such model.
    """
    files = together.locate_all(names)
    return [ModelRef(name=name, path=file.path, sha256=file.sha256) for name, file in zip(names, files, strict=True)]
