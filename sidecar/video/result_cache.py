"""The folder of results that nobody gave a place to: bounded in bytes and in age."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from sidecar.video.identity import NAME_PREFIX
from sidecar.video.work_dir import drop_abandoned

CACHE_FOLDER = "videos"
MAX_BYTES = 10 * 1024**3
MAX_AGE_S = 30 * 24 * 3600.0


def prune(
    folder: Path, *, keep: Path, max_bytes: int = MAX_BYTES, max_age_s: float = MAX_AGE_S, now_s: float | None = None
) -> None:
    """Drop results that are too old, then the oldest until the rest fits. What cannot be dropped stays.

    Args:
        keep: a result that stays, whatever its size; its age begins anew.
    """
    now_s = time.time() if now_s is None else now_s
    with suppress(OSError):
        os.utime(keep, (now_s, now_s))
    drop_abandoned(folder)
    results = sorted(_results(folder), reverse=True)
    total = 0
    for used_s, path, size_bytes in results:
        total += size_bytes
        if path != keep and (now_s - used_s > max_age_s or total > max_bytes):
            shutil.rmtree(path, ignore_errors=True)
            total -= size_bytes


def _results(folder: Path) -> list[tuple[float, Path, int]]:
    found = []
    for path in folder.glob(f"{NAME_PREFIX}*"):
        with suppress(OSError):
            size_bytes = sum(file.stat().st_size for file in path.iterdir())
            found.append((path.stat().st_mtime, path, size_bytes))
    return found
