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
from sidecar.weights.pins import PinsDamaged, pinned
from sidecar.weights.places import search_path

MAX_FILES_PER_PLACE = 1000  # a folder with more is no folder of models

Problem = Literal["absent", "truncated", "wrong_digest", "unreadable", "unpinned"]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A path that was looked at and is not the model, and why."""

    path: str
    problem: Problem
    reason: str


@dataclass(frozen=True, slots=True)
class Located:
    """A model's file on this machine, verified."""

    path: Path
    sha256: str


class ModelMissing(Failure):
    """No file with the model's digest was found. Lists every path that was looked at, with its reason."""

    def __init__(self, model: ModelEntry, rejected: Sequence[Rejected]) -> None:
        names = "" if model.default else f" {model.name}"
        command = remedy.python(f"-m sidecar models pull{names}") if model.sources or model.sha256 else None
        looked_at = "; ".join(f"{item.path}: {item.reason}" for item in rejected)
        wanted = f"sha256 {model.sha256}" if model.sha256 else "pinned when it first comes"
        by_hand = f"Get {model.file} from {model.origin} and run: python -m sidecar models add FILE --as {model.name}"
        super().__init__(
            "MODEL_MISSING",
            f"no file with the digest of {model.name} ({model.file}, {wanted}) was found. {looked_at}",
            f"Run: {command}" if command else by_hand,
            phase="loading",
            command=command,
            details={"model": model.name, "sha256": model.sha256, "rejected": [asdict(item) for item in rejected]},
        )
        self.model = model
        self.rejected = tuple(rejected)


def find(name: str) -> Path:
    """The model's file, verified now.

    Raises:
        ModelMissing: no file with its digest is in any place of the search path.
        UnknownModelError: the manifest has no such model.
    """
    return find_in(load_manifest().entry(name), search_path())


def locate(name: str) -> Located:
    """The model's file and digest, verified now.

    Raises:
        ModelMissing: no file with its digest is in any place of the search path.
        UnknownModelError: the manifest has no such model.
    """
    return locate_in(load_manifest().entry(name), search_path())


def find_in(model: ModelEntry, places: Sequence[Path]) -> Path:
    """The model's file in one of `places`.

    Raises:
        ModelMissing: it is in none of them.
    """
    return locate_in(model, places).path


def locate_in(model: ModelEntry, places: Sequence[Path]) -> Located:
    """The model's file in one of `places`, and its digest.

    Raises:
        ModelMissing: it is in none of them.
    """
    rejected: list[Rejected] = []
    for place in places:
        try:
            known = pinned(model, place)
        except PinsDamaged as error:
            rejected.append(Rejected(str(place / model.file), "unpinned", str(error)))
            continue
        if known is None or known.sha256 is None:
            rejected.append(_unpinned(model, place))
            continue
        passed_over: list[tuple[Path, str]] = []
        for path in _candidates(known, place):
            try:
                if known.bytes in (None, path.stat().st_size) and sha256_of(path) == known.sha256:
                    return Located(path, known.sha256)
            except OSError as error:
                passed_over.append((path, error.strerror or str(error)))
            else:
                passed_over.append((path, ""))
        rejected += _explain(known, place, passed_over)
    raise ModelMissing(model, rejected)


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


def _explain(model: ModelEntry, place: Path, passed_over: Sequence[tuple[Path, str]]) -> list[Rejected]:
    here = [_reason(model, path, error) for path, error in passed_over]
    if not any(item.path == str(place / model.file) for item in here):
        here.insert(0, Rejected(str(place / model.file), "absent", _absence(place)))
    return here


def _unpinned(model: ModelEntry, place: Path) -> Rejected:
    path = place / model.file
    if not os.path.lexists(path):
        return Rejected(str(path), "absent", _absence(place))
    return Rejected(str(path), "unpinned", f"has no known digest yet; pin it with: models add {path} --as {model.name}")


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
        if model.bytes is not None and size < model.bytes:
            return Rejected(str(path), "truncated", f"truncated ({size} of {model.bytes} bytes)")
        return Rejected(str(path), "wrong_digest", f"wrong digest (has {digest}, needs {model.sha256})")
    except OSError as late:
        return Rejected(str(path), "unreadable", f"unreadable ({late.strerror or late})")
