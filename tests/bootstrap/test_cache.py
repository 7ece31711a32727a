"""Where the cache is, and when there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sidecar.bootstrap.cache import cache_root, writable_cache


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("POSE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_the_chosen_folder_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("POSE_CACHE_DIR", "~/mine")
    assert cache_root() == tmp_path / "mine"


def test_chosen_as_nothing_means_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_CACHE_DIR", "")
    assert cache_root() is None
    assert writable_cache() is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: XDG is Linux's")
def test_linux_keeps_caches_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_root() == tmp_path / ".cache" / "pose-sidecar"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_root() == tmp_path / "xdg" / "pose-sidecar"


def test_a_folder_that_cannot_be_made_is_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("POSE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert writable_cache() is None


def test_a_missing_folder_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSE_CACHE_DIR", str(tmp_path / "a" / "b"))
    assert writable_cache() == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()
