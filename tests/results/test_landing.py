"""What is made from a result appears whole or not at all, and nothing of others is replaced."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.results.errors import LandingError
from sidecar.results.landing import landing_file, landing_folder


def _ours(name: str) -> bool:
    return name.endswith(".json")


def test_a_file_appears_at_the_end_and_replaces_its_forerunner(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with landing_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
    assert path.stat().st_mode & 0o444 != 0o400


def _fail_in_file(path: Path, error: BaseException) -> None:
    with landing_file(path) as file:
        file.write(b"half")
        raise error


def _fail_in_folder(path: Path, error: BaseException) -> None:
    with landing_folder(path, may_replace=_ours) as folder:
        (folder / "a.json").write_bytes(b"half")
        raise error


@pytest.mark.parametrize("fail", [_fail_in_file, _fail_in_folder])
@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt()])
def test_a_block_that_fails_leaves_nothing(
    tmp_path: Path, fail: Callable[[Path, BaseException], None], error: BaseException
) -> None:
    with pytest.raises(type(error)):
        fail(tmp_path / "a", error)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match=r"cannot write .*a\.txt: No space left on device"):  # noqa: SIM117
        with landing_file(tmp_path / "a.txt"):
            raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nowhere/a.txt", "."])
def test_a_place_that_is_none_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(LandingError, match=str(tmp_path)), landing_file(tmp_path / name):
        pass
    with pytest.raises(LandingError, match="nowhere"), landing_folder(tmp_path / "nowhere" / "b", may_replace=_ours):
        pass


def test_a_folder_of_ours_is_replaced_and_one_of_others_is_not(tmp_path: Path) -> None:
    path = tmp_path / "b"
    for content in ("one", "two"):
        with landing_folder(path, may_replace=_ours) as folder:
            (folder / f"{content}.json").write_text(content)
    assert [entry.name for entry in path.iterdir()] == ["two.json"]
    (path / "thesis.doc").write_text("years of work")
    with pytest.raises(LandingError, match=r"holds other files, such as thesis\.doc"):  # noqa: SIM117
        with landing_folder(path, may_replace=_ours):
            pass
    assert sorted(entry.name for entry in path.iterdir()) == ["thesis.doc", "two.json"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["b"]


def test_a_file_in_the_place_of_a_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(LandingError, match="is no folder"), landing_folder(tmp_path / "b", may_replace=_ours):
        pass
    assert (tmp_path / "b").read_text() == "mine"
