"""The folder of results that nobody gave a place to stays bounded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sidecar.video.result_cache import prune

NOW_S = 1_000_000.0


def result(folder: Path, name: str, *, age_s: float, size_bytes: int = 10) -> Path:
    path = folder / f"video_{name}"
    path.mkdir(parents=True)
    (path / "poses.jsonl").write_bytes(bytes(size_bytes))
    os.utime(path, (NOW_S - age_s, NOW_S - age_s))
    return path


def left(folder: Path) -> set[str]:
    return {path.name.removeprefix("video_") for path in folder.iterdir()}


def test_the_oldest_go_until_the_rest_fits(tmp_path: Path) -> None:
    for age_s, name in enumerate(["new", "recent", "old", "oldest"]):
        result(tmp_path, name, age_s=age_s, size_bytes=100)
    prune(tmp_path, keep=tmp_path / "video_new", max_bytes=250, max_age_s=1e9, now_s=NOW_S)
    assert left(tmp_path) == {"new", "recent"}


def test_those_that_are_too_old_go_whatever_their_size(tmp_path: Path) -> None:
    result(tmp_path, "young", age_s=9)
    result(tmp_path, "aged", age_s=11)
    prune(tmp_path, keep=tmp_path / "video_young", max_bytes=10**9, max_age_s=10, now_s=NOW_S)
    assert left(tmp_path) == {"young"}


def test_the_one_just_made_stays_even_alone_over_the_limit(tmp_path: Path) -> None:
    kept = result(tmp_path, "huge", age_s=99, size_bytes=1000)
    prune(tmp_path, keep=kept, max_bytes=10, max_age_s=10, now_s=NOW_S)
    assert left(tmp_path) == {"huge"}
    assert kept.stat().st_mtime == NOW_S


def test_other_files_and_unfinished_work_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".video_1.work").mkdir()
    prune(tmp_path, keep=tmp_path / "video_none", max_bytes=0, max_age_s=0, now_s=NOW_S)
    assert left(tmp_path) == {"notes.txt", ".video_1.work"}


def test_work_that_was_abandoned_goes(tmp_path: Path) -> None:
    work = tmp_path / ".video_1.work"
    (work / "parts").mkdir(parents=True)
    os.utime(work, (1.0, 1.0))
    prune(tmp_path, keep=tmp_path / "video_none")
    assert left(tmp_path) == set()


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    prune(tmp_path / "none", keep=tmp_path / "none" / "video_x")


@pytest.mark.parametrize("name", ["MAX_BYTES", "MAX_AGE_S"])
def test_limits_are_pinned(name: str) -> None:
    from sidecar.video import result_cache

    assert getattr(result_cache, name) == {"MAX_BYTES": 10 * 1024**3, "MAX_AGE_S": 30 * 24 * 3600.0}[name]
