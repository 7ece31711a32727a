from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sidecar.doctor.finding import OK, PROBLEM, WARNING, Finding
from sidecar.doctor.places import place_findings, weights_finding, write_trouble
from sidecar.weights import store
from tests.recording.test_storage import dead_pid


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("POSE_LOG_DIR", raising=False)
    return tmp_path / "cache"


def finding(name: str) -> Finding:
    return next(one for one in place_findings() if one.name == name)


def test_a_cache_that_is_not_there_yet_is_fine_and_stays_away(cache: Path) -> None:
    assert finding("cache").status == OK
    assert not cache.exists()


def test_a_cache_below_a_file_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("POSE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert finding("cache").status == WARNING
    assert "POSE_CACHE_DIR" in str(finding("cache").hint)


def test_no_cache_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_CACHE_DIR", "")
    assert finding("cache").status == WARNING


def test_logs_say_where_they_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert finding("logs").status == OK
    monkeypatch.setenv("POSE_LOG_DIR", str(tmp_path / "logs"))
    assert str(tmp_path / "logs") in finding("logs").detail
    (tmp_path / "logs").touch()
    assert finding("logs").status == WARNING


def test_recordings_of_daemons_that_died_are_named_with_the_command(cache: Path) -> None:
    assert "flight recordings" not in [one.name for one in place_findings()]
    (cache / "flight").mkdir(parents=True)
    left = cache / "flight" / f"{dead_pid()}-1.a"
    left.touch()
    found = finding("flight recordings")
    assert found.status == WARNING
    assert f'"{sys.executable}" -m sidecar replay "{left}"' in str(found.hint)


def test_without_psutil_nobody_knows_which_daemons_died(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / "flight").mkdir(parents=True)
    (cache / "flight" / f"{dead_pid()}-1.a").touch()
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert "flight recordings" not in [one.name for one in place_findings()]


def test_weights_that_are_missing_are_a_problem_with_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "search_path", lambda: ())
    found = weights_finding("five")
    assert found.status == PROBLEM
    assert str(found.command).endswith("-m sidecar models pull")


def test_trying_a_folder_leaves_nothing_in_it(tmp_path: Path) -> None:
    assert write_trouble(tmp_path) == ""
    assert write_trouble(tmp_path / "a" / "b") == ""
    assert list(tmp_path.iterdir()) == []
