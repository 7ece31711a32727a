"""Finding a model's file on this machine, by its digest."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from sidecar.bootstrap import remedy
from sidecar.bootstrap.failure import Failure
from sidecar.weights.manifest import ModelEntry, load_manifest
from sidecar.weights.places import search_path

MAX_FILES_PER_PLACE = 1000  # a folder with more is no folder of models

Problem = Literal["absent", "truncated", "wrong_digest", "unreadable"]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A path that was looked at and is not the model, and why."""

    path: str
    problem: Problem
    reason: str


class ModelMissing(Failure):
    """No file with the model's digest was found. Lists every path that was looked at, with its reason."""

    def __init__(self, model: ModelEntry, rejected: Sequence[Rejected]) -> None:
        names = "" if model.default else f" {model.name}"
        command = remedy.python(f"-m sidecar models pull{names}")
        looked_at = "; ".join(f"{item.path}: {item.reason}" for item in rejected)
        super().__init__(
            "MODEL_MISSING",
            f"no file with the digest of {model.name} ({model.file}, sha256 {model.sha256}) was found. {looked_at}",
            f"Run: {command}",
            phase="loading",
            command=command,
            details={"model": model.name, "sha256": model.sha256, "rejected": [asdict(item) for item in rejected]},
        )
        self.rejected = tuple(rejected)


def find(name: str) -> Path:
    """The model's file, verified now.

    Raises:
        ModelMissing: no file with its digest is in any place of the search path.
        UnknownModelError: the manifest has no such model.
    """
    return find_in(load_manifest().entry(name), search_path())


def find_in(model: ModelEntry, places: Sequence[Path]) -> Path:
    """The model's file in one of `places`.

    Raises:
        ModelMissing: it is in none of them.
    """
    passed_over: list[tuple[Path, str]] = []
    for place in places:
        for path in _candidates(model, place):
            try:
                if path.stat().st_size == model.bytes and sha256_of(path) == model.sha256:
                    return path
            except OSError as error:
                passed_over.append((path, error.strerror or str(error)))
            else:
                passed_over.append((path, ""))
    raise ModelMissing(model, _explain(model, places, passed_over))


def sha256_of(path: Path) -> str:
    """Hex digest of a file. About 1 ms per MB.

    Raises:
        OSError: unreadable, or not a regular file (reading a pipe would never end).
    """
    if not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _candidates(model: ModelEntry, place: Path) -> list[Path]:
    """The file of the usual name first, then those of the right size."""
    try:
        with os.scandir(place) as entries:
            right_size = [
                Path(entry.path)
                for entry in islice(entries, MAX_FILES_PER_PLACE)
                if entry.name != model.file and entry.is_file() and entry.stat().st_size == model.bytes
            ]
    except OSError:
        right_size = []
    usual = place / model.file
    return [*([usual] if os.path.lexists(usual) else []), *sorted(right_size)]


def _explain(model: ModelEntry, places: Sequence[Path], passed_over: Sequence[tuple[Path, str]]) -> list[Rejected]:
    rejected: list[Rejected] = []
    for place in places:
        here = [_reason(model, path, error) for path, error in passed_over if path.parent == place]
        if not any(item.path == str(place / model.file) for item in here):
            here.insert(0, Rejected(str(place / model.file), "absent", _absence(place)))
        rejected += here
    return rejected


def _absence(place: Path) -> str:
    try:
        with os.scandir(place):
            return "absent"
    except FileNotFoundError:
        return "absent (no such directory)"
    except OSError as error:
        return f"absent ({error.strerror or error})"


def _reason(model: ModelEntry, path: Path, error: str) -> Rejected:
    if error:
        return Rejected(str(path), "unreadable", f"unreadable ({error})")
    try:
        size, digest = path.stat().st_size, sha256_of(path)
        if size < model.bytes:
            return Rejected(str(path), "truncated", f"truncated ({size} of {model.bytes} bytes)")
        return Rejected(str(path), "wrong_digest", f"wrong digest (has {digest}, needs {model.sha256})")
    except OSError as late:
        return Rejected(str(path), "unreadable", f"unreadable ({late.strerror or late})")
