"""One file per frame as a folder or as one archive: the same files, all or none."""

from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import pytest

from sidecar.export import openpose
from sidecar.export.frame_files import frame_files
from sidecar.results.errors import LandingError
from tests.export.makers import make_result


def test_the_archive_holds_what_the_folder_holds(tmp_path: Path) -> None:
    result = make_result(tmp_path)
    openpose.write(result, tmp_path / "op", filled="include")
    assert openpose.write(result, tmp_path / "op.zip", filled="include") == 5
    with zipfile.ZipFile(tmp_path / "op.zip") as archive:
        assert archive.testzip() is None
        packed = {name: archive.read(name) for name in archive.namelist()}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}
    assert packed == {f"openpose/{path.name}": path.read_bytes() for path in (tmp_path / "op").iterdir()}


def test_the_same_result_gives_the_same_archive(tmp_path: Path) -> None:
    for name in ("one.zip", "TWO.ZIP"):
        openpose.write(make_result(tmp_path), tmp_path / name, filled="include")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "TWO.ZIP").read_bytes()


def test_an_archive_replaces_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "op.zip").write_text("old")
    openpose.write(make_result(tmp_path), tmp_path / "op.zip", filled="include")
    assert zipfile.is_zipfile(tmp_path / "op.zip")


@pytest.mark.parametrize("name", ["files", "files.zip"])
def test_what_fails_midway_leaves_nothing(tmp_path: Path, name: str) -> None:
    def fill() -> None:
        with frame_files(tmp_path / name, folder_name="files", may_replace=lambda _: True) as add:
            add("1.json", b"{}")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(LandingError, match="No space left"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_replaced_by_an_archive(tmp_path: Path) -> None:
    (tmp_path / "op.zip").mkdir()
    with pytest.raises(LandingError, match="is a folder"):
        openpose.write(make_result(tmp_path), tmp_path / "op.zip", filled="include")


def test_more_frames_than_the_old_zip_format_counts(tmp_path: Path) -> None:
    with frame_files(tmp_path / "many.zip", folder_name="many", may_replace=lambda _: True) as add:
        for number in range(66_000):
            add(f"{number}.json", b"{}")
    with zipfile.ZipFile(tmp_path / "many.zip") as archive:
        assert len(archive.namelist()) == 66_000
