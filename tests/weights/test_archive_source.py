"""One member out of an archive; whatever else the archive is stays outside."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from sidecar.weights.archive_source import extract
from sidecar.weights.manifest import ArchiveSource
from sidecar.weights.transfer import SourceError
from tests.weights.makers import CONTENT, OTHER, Server, body, make_model, names_in, pull_all

MEMBER = "logs/model.ckpt"


def make_archive(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("mode", ["w:gz", "w", "w:xz"])
@pytest.mark.parametrize("prefix", ["", "./"])
def test_a_member_is_written(tmp_path: Path, mode: str, prefix: str) -> None:
    archive = make_archive(tmp_path / "a", {"other": OTHER, prefix + MEMBER: CONTENT}, mode)
    extract(archive, MEMBER, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "out"]


def test_an_absent_member_is_named(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "a", {"other": OTHER})
    with pytest.raises(SourceError, match=r"does not hold logs/model\.ckpt"):
        extract(archive, MEMBER, tmp_path / "out")


def test_a_link_is_no_file(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a", "w:gz") as archive:
        info = tarfile.TarInfo(MEMBER)
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(SourceError, match="is no regular file"):
        extract(tmp_path / "a", MEMBER, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_damaged_archive(tmp_path: Path, cut: int) -> None:
    archive = make_archive(tmp_path / "a", {MEMBER: CONTENT})
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(SourceError, match="is not a sound archive"):
        extract(archive, MEMBER, tmp_path / "out")


def test_two_models_of_one_archive_fetch_it_once(tmp_path: Path) -> None:
    made = make_archive(tmp_path / "a.tar.gz", {"one": CONTENT, "two": OTHER}).read_bytes()
    with Server({"/a.tar.gz": body(made)}).serving() as server:
        url = f"{server.url}/a.tar.gz"
        models = [
            make_model(CONTENT, name="one", sources=(ArchiveSource(url, "one"),)),
            make_model(OTHER, name="two", sources=(ArchiveSource(url, "two"),)),
        ]
        done = pull_all(*models, into=tmp_path / "models")
    assert [item.how for item in done] == ["fetched", "fetched"]
    assert server.asked == ["/a.tar.gz"]
    assert names_in(tmp_path / "models") == ["one.tflite", "two.tflite"]
