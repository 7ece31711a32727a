"""Folders: weights, the cache, logs, and recordings of daemons that died."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sidecar.bootstrap import remedy
from sidecar.bootstrap.cache import cache_root, path_from
from sidecar.bootstrap.start import PYTHON_MINIMUM
from sidecar.doctor.finding import OK, PROBLEM, WARNING, Finding

GROUP = "folders"
MIN_FREE_BYTES = 200 * 1024 * 1024  # compiled models, weights and the flight recorder


def weights_finding(group: str) -> Finding:
    """Are the default model's files here, whole and right?"""
    name = "model weights"
    if sys.version_info < PYTHON_MINIMUM:
        return Finding(group, name, PROBLEM, "not looked for: that needs the newer Python, too")
    from sidecar.weights.manifest import load_manifest
    from sidecar.weights.store import ModelMissing, find

    try:
        found = [f"{model.name} at {find(model.name)}" for model in load_manifest().default]
    except ModelMissing as error:
        return Finding(group, name, PROBLEM, error.message, error.hint, error.command)
    return Finding(group, name, OK, ", ".join(found))


def place_findings() -> Iterator[Finding]:
    """The folders that the daemon writes to."""
    yield _cache()
    yield from _logs()
    yield from _recordings()


def _cache() -> Finding:
    root = cache_root()
    if root is None:
        return Finding(GROUP, "cache", WARNING, "none: every start compiles the models again", "Set POSE_CACHE_DIR.")
    trouble = write_trouble(root)
    if trouble:
        hint = "Make it writable, or set POSE_CACHE_DIR to a folder that is. Until then starts are slower."
        return Finding(GROUP, "cache", WARNING, f"{root} cannot be written: {trouble}", hint)
    free = shutil.disk_usage(str(_existing(root))).free
    detail = f"{root}, {_size(root) // 2**20} MB in use, {free // 2**20:,} MB free"
    if free < MIN_FREE_BYTES:
        return Finding(GROUP, "cache", WARNING, detail, "Free some space on that disk.")
    return Finding(GROUP, "cache", OK, detail)


def _logs() -> Iterator[Finding]:
    chosen = os.environ.get("POSE_LOG_DIR")
    if not chosen:
        yield Finding(GROUP, "logs", OK, "stderr only (POSE_LOG_DIR is not set)")
        return
    trouble = write_trouble(path_from(chosen))
    if trouble:
        hint = "Make POSE_LOG_DIR a folder this user may write to, or unset it."
        yield Finding(GROUP, "logs", WARNING, f"{chosen} cannot be written: {trouble}", hint)
    else:
        yield Finding(GROUP, "logs", OK, f"stderr and {chosen}")


def _recordings() -> Iterator[Finding]:
    root = cache_root()
    if sys.version_info < PYTHON_MINIMUM:
        return
    try:
        from sidecar.daemon.recorder import FOLDER
        from sidecar.recording.storage import rings_in

        left = rings_in(root / FOLDER) if root else []
    except ImportError:
        return  # orjson or psutil is missing, and that has its own finding
    if left:
        command = remedy.python("-m sidecar replay " + remedy.quoted(str(left[0])))
        detail = f"{len(left)} left by daemons that died; the newest: {left[0]}"
        yield Finding(GROUP, "flight recordings", WARNING, detail, "See what it was doing: " + command)


def write_trouble(folder: Path) -> str:
    """Why a folder, or the nearest one above it that exists, cannot be written; '' when it can. Leaves nothing."""
    place = _existing(folder)
    if place is None or not place.is_dir():
        return f"{place or folder} is not a folder"
    try:
        with tempfile.TemporaryFile(dir=str(place)):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _existing(folder: Path) -> Path | None:
    return next((place for place in (folder, *folder.absolute().parents) if place.exists()), None)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
