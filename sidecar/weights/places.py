"""The directories that may hold model files, in the order they are searched."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from sidecar.bootstrap.cache import cache_root, path_from

FOLDER = ".models"

_CHECKOUT = Path(__file__).resolve().parents[2]


def search_path() -> tuple[Path, ...]:
    """POSE_MODELS_DIR, then `.models` beside the project, then the user's cache. They need not exist.

    Beside the project: in the current directory, the checkout that this code runs from, the directory that holds the
    virtual environment, and POSE_SERVICE_PATH.
    """
    return _distinct([*_chosen(), *(place / FOLDER for place in _projects()), *_cached()])


def pull_target() -> Path | None:
    """Where a fetched file goes when nobody says: the first place of the search path that can be written.

    The current directory is not one of them, or files would gather wherever a command was run. None: no place can be
    written.
    """
    own = [_CHECKOUT / FOLDER] if _is_checkout() else []
    return next((place for place in [*_chosen(), *own, *_cached()] if _is_writable(place)), None)


def _chosen() -> list[Path]:
    chosen = os.environ.get("POSE_MODELS_DIR")
    return [path_from(chosen)] if chosen else []


def _projects() -> list[Path]:
    projects = [Path()]
    if _is_checkout():
        projects.append(_CHECKOUT)
    if sys.prefix != sys.base_prefix:
        projects.append(Path(sys.prefix).parent)
    service = os.environ.get("POSE_SERVICE_PATH")
    if service:
        projects.append(path_from(service))
    return projects


def _cached() -> list[Path]:
    root = cache_root()
    return [] if root is None else [root / "models"]


def _is_checkout() -> bool:
    return (_CHECKOUT / "pyproject.toml").is_file()


def _distinct(places: Iterable[Path]) -> tuple[Path, ...]:
    real: dict[Path, None] = {}
    for place in places:
        try:
            real[Path(os.path.realpath(place))] = None
        except FileNotFoundError:
            continue  # relative to a current directory that was deleted
    return tuple(real)


def _is_writable(place: Path) -> bool:
    existing = next((folder for folder in [place, *place.absolute().parents] if folder.exists()), None)
    return existing is not None and existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
