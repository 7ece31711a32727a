"""The files of a model that is made of several: all that are missing are told at once, not one per start."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.bootstrap import remedy
from sidecar.bootstrap.failure import Failure
from sidecar.weights.store import Located, ModelMissing, locate


class ModelsMissing(Failure):
    """More than one of the files is absent. `details.missing` has what `ModelMissing` says of each."""

    def __init__(self, of: int, missing: Sequence[ModelMissing]) -> None:
        names = [one.model.name for one in missing]
        pulled = [one.model.name for one in missing if one.command is not None]
        command = remedy.python(f"-m sidecar models pull {' '.join(pulled)}") if pulled else None
        by_hand = [one.hint for one in missing if one.command is None]
        super().__init__(
            "MODEL_MISSING",
            f"{len(names)} of {of} files are missing: {', '.join(names)}. {' '.join(one.message for one in missing)}",
            "; also: ".join([*([f"Run: {command}"] if command else []), *by_hand]),
            phase="loading",
            command=command,
            details={"missing": [one.details for one in missing]},
        )


def locate_all(names: Sequence[str]) -> list[Located]:
    """The files of several models, verified now.

    Raises:
        ModelMissing: one of them was not found.
        ModelsMissing: more than one was not.
        UnknownModelError: the manifest has no such model.
    """
    found, missing = look_for(names)
    if missing:
        raise all_missing(missing, of=len(names))
    return found


def look_for(names: Sequence[str]) -> tuple[list[Located], list[ModelMissing]]:
    """The files that are there, verified now, and what is to be said of each that is not.

    Raises:
        UnknownModelError: the manifest has no such model.
    """
    found: list[Located] = []
    missing: list[ModelMissing] = []
    for name in names:
        try:
            found.append(locate(name))
        except ModelMissing as error:
            missing.append(error)
    return found, missing


def all_missing(missing: Sequence[ModelMissing], *, of: int) -> ModelMissing | ModelsMissing:
    """One failure for all that is missing, at least one, of so many files."""
    return missing[0] if len(missing) == 1 else ModelsMissing(of, missing)
