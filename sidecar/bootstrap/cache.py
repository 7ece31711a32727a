"""Where compiled models are kept: the only place the daemon writes to of its own accord."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Optional

FOLDER = "pose-sidecar"


def cache_root() -> Optional[Path]:
    """POSE_CACHE_DIR, else `pose-sidecar` in the platform's cache directory; None where there is no home.

    The directory may not exist yet. POSE_CACHE_DIR set to nothing means: no cache.
    """
    chosen = os.environ.get("POSE_CACHE_DIR")
    if chosen is not None:
        return path_from(chosen) if chosen else None
    base = _platform_base()
    return None if base is None else base / FOLDER


def path_from(value: str) -> Path:
    """The path in an environment variable. `~nobody` stays as it is, where `Path.expanduser` would raise."""
    return Path(os.path.expanduser(value))


def writable_cache() -> Optional[Path]:
    """`cache_root()`, made where it was missing; None where it cannot be written."""
    root = cache_root()
    if root is None:
        return None
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return root if os.access(str(root), os.W_OK | os.X_OK) else None


def _platform_base() -> Optional[Path]:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else None
    if os.path.isabs(os.environ.get("XDG_CACHE_HOME", "")):  # a relative one is to be ignored, says XDG
        return Path(os.environ["XDG_CACHE_HOME"])
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        return None
    return Path(home) / ("Library/Caches" if sys.platform == "darwin" else ".cache")
