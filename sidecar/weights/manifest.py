"""models/manifest.json, checked and typed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit, urlunsplit

from sidecar.data import data_path

_T = TypeVar("_T")

Kind = Literal["keypoints", "persons", "body", "part"]
KINDS: tuple[Kind, ...] = ("keypoints", "persons", "body", "part")

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIGEST_START = re.compile(r"[0-9a-f]{8,63}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FILE = re.compile(r"\w[\w.-]*")
_URL = re.compile(r"https?://\S+")


class ManifestError(ValueError):
    """The manifest is damaged; the message names the model and the field."""


class UnknownModelError(ValueError):
    """No model of that name. The message lists the known ones."""


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A member of a wheel that pip can download for any host, for the tags name the wheel and not the machine."""

    distribution: str
    version: str
    python_version: str
    abi: str
    platform: str
    member: str

    def __str__(self) -> str:
        return f"wheel {self.distribution}=={self.version}"


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A file served over HTTPS, at an address that is pinned to one version."""

    url: str

    @property
    def host(self) -> str:
        """Who serves it."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def __str__(self) -> str:
        return shown_url(self.url)


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """A member of a tar archive served over HTTPS."""

    url: str
    member: str

    @property
    def host(self) -> str:
        """Who serves it."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def __str__(self) -> str:
        return f"{self.member} of {shown_url(self.url)}"


Source = WheelSource | UrlSource | ArchiveSource


def shown_url(url: str) -> str:
    """An address without the name and password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model file.

    Attributes:
        name: what people and commands call it.
        file: its usual file name; a file of another name with the same digest is as good.
        sha256: lower-case hex digest, the file's identity; None where its publisher gives none. Then the first file
            that is pulled or added is pinned, and from there on it alone is right.
        sha256_starts: what the publisher gives of the digest where that is not all of it.
        bytes: size; None where it is not known to the byte.
        default: fetched by `models pull` without names.
        skeleton: name of the skeleton it answers with; None for detectors.
        origin: project and pinned version it comes from.
        sources: where to fetch it, in the order to try; none for a file that everybody brings themselves.
        kind: what it is for.
        licence_url: where the licence is to be read.
        accuracy: as published, or as measured here, in a few words; None where nobody says.
    """

    name: str
    file: str
    sha256: str | None
    bytes: int | None
    default: bool
    task: str
    input: str
    skeleton: str | None
    licence: str
    commercial_use: bool
    origin: str
    sources: tuple[Source, ...]
    kind: Kind = "keypoints"
    sha256_starts: str | None = None
    licence_url: str | None = None
    accuracy: str | None = None

    @property
    def needs_consent(self) -> bool:
        """Must somebody accept the licence before the file is fetched?"""
        return not self.commercial_use

    @property
    def size_text(self) -> str:
        """The size for people, in MB."""
        return "size unknown" if self.bytes is None else f"{self.bytes / 1e6:.1f} MB"


@dataclass(frozen=True, slots=True)
class Manifest:
    """All known models."""

    models: tuple[ModelEntry, ...]

    @property
    def default(self) -> tuple[ModelEntry, ...]:
        """The models that the default estimator needs."""
        return tuple(model for model in self.models if model.default)

    def entry(self, name: str) -> ModelEntry:
        """The model of that name.

        Raises:
            UnknownModelError: there is none.
        """
        for model in self.models:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in self.models)
        raise UnknownModelError(f"no model is called {name!r}; known: {known}")


@cache
def load_manifest() -> Manifest:
    """The manifest that belongs to this installation."""
    return read_manifest(data_path("models", "manifest.json"))


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest.

    Raises:
        ManifestError: not JSON, a field is missing or of the wrong kind, or a name or digest is there twice.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        models = tuple(_model(raw) for raw in content["models"])
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} is not a model manifest: {type(error).__name__}: {error}") from error
    for what in ("name", "sha256", "file"):
        values = [value for model in models if (value := getattr(model, what)) is not None]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ManifestError(f"{path} has the {what} {', '.join(twice)} more than once")
    return Manifest(models)


def _model(raw: dict[str, Any]) -> ModelEntry:
    name = _text(raw, "name", "a model", _NAME)

    def may_be_brought(sources: list[Any]) -> bool:
        return bool(sources) or raw["sha256"] is None

    return ModelEntry(
        name=name,
        file=_text(raw, "file", name, _FILE),
        sha256=None if raw["sha256"] is None else _text(raw, "sha256", name, _DIGEST),
        bytes=None if raw["bytes"] is None else _field(raw, "bytes", name, int, lambda value: value > 0),
        default=_field(raw, "default", name, bool),
        task=_text(raw, "task", name),
        input=_text(raw, "input", name),
        skeleton=None if raw["skeleton"] is None else _text(raw, "skeleton", name),
        licence=_text(raw, "licence", name),
        commercial_use=_field(raw, "commercial_use", name, bool),
        origin=_text(raw, "origin", name),
        sources=tuple(_source(source, name) for source in _field(raw, "sources", name, list, may_be_brought)),
        kind=_kind(raw, name),
        accuracy=_text(raw, "accuracy", name) if "accuracy" in raw else None,
        sha256_starts=_text(raw, "sha256_starts", name, _DIGEST_START) if "sha256_starts" in raw else None,
        licence_url=_text(raw, "licence_url", name, _URL) if "licence_url" in raw else None,
    )


def _kind(raw: dict[str, Any], name: str) -> Kind:
    value = raw["kind"]
    for kind in KINDS:
        if value == kind:
            return kind
    raise ManifestError(f"{name}: kind must be one of {', '.join(KINDS)}, got {value!r}")


def _source(raw: dict[str, Any], name: str) -> Source:
    kind = _text(raw, "kind", name)
    if kind == "wheel":
        fields = ("distribution", "version", "python_version", "abi", "platform", "member")
        return WheelSource(**{field: _text(raw, field, name) for field in fields})
    if kind == "url":
        return UrlSource(_text(raw, "url", name, _URL))
    if kind == "archive":
        return ArchiveSource(_text(raw, "url", name, _URL), _text(raw, "member", name))
    raise ManifestError(f"{name}: a source must be of kind wheel, url or archive, got {kind!r}")


def _text(raw: dict[str, Any], field: str, name: str, pattern: re.Pattern[str] = re.compile(r"(?s).+")) -> str:
    return _field(raw, field, name, str, lambda value: pattern.fullmatch(value) is not None)


def _field(
    raw: dict[str, Any], field: str, name: str, kind: type[_T], is_good: Callable[[_T], bool] = lambda value: True
) -> _T:
    value = raw[field]
    if type(value) is not kind or not is_good(value):
        raise ManifestError(f"{name}: {field} must be a valid {kind.__name__}, got {value!r}")
    return value
