"""Compiled models on disk: verified, atomic, bounded."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from sidecar.runtimes import blob_cache
from sidecar.runtimes.blob_cache import BlobDamaged, blob_path, read_blob, write_blob

BLOB = bytes(range(256)) * 40


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    return blob_path(tmp_path / "new" / "folder", "model", "digest", "version")


def test_what_was_written_is_read_back_aligned(entry: Path) -> None:
    write_blob(entry, BLOB)
    blob = read_blob(entry)
    assert blob is not None
    assert blob.tobytes() == BLOB
    assert blob.ctypes.data % 16 == 0


def test_nothing_written_is_nothing_read(entry: Path) -> None:
    assert read_blob(entry) is None


@pytest.mark.parametrize("position", [0, 25, 60, 64, 5000, len(BLOB) + 63])
def test_a_flipped_bit_anywhere_is_noticed(entry: Path, position: int) -> None:
    write_blob(entry, BLOB)
    damaged = bytearray(entry.read_bytes())
    damaged[position] ^= 1
    entry.write_bytes(damaged)
    with pytest.raises(BlobDamaged, match=r"is not what was written"):
        read_blob(entry)


@pytest.mark.parametrize("keep", [0, 10, 63, 64, 65, -1])
def test_a_cut_file_is_noticed(entry: Path, keep: int) -> None:
    write_blob(entry, BLOB)
    entry.write_bytes(entry.read_bytes()[:keep])
    with pytest.raises(BlobDamaged):
        read_blob(entry)


@pytest.mark.parametrize("part", range(3))
def test_whatever_shapes_a_compilation_changes_the_name(part: int, tmp_path: Path) -> None:
    facts = ["digest", "version", "flags"]
    changed = [fact + "!" * (index == part) for index, fact in enumerate(facts)]
    assert blob_path(tmp_path, "m", *facts) != blob_path(tmp_path, "m", *changed)


def test_neighbouring_facts_do_not_run_together(tmp_path: Path) -> None:
    assert blob_path(tmp_path, "m", "ab", "c") != blob_path(tmp_path, "m", "a", "bc")


def test_daemons_that_write_one_entry_at_once_never_show_a_damaged_one(entry: Path) -> None:
    write_blob(entry, BLOB)
    blobs = [bytes([number]) * 200_000 for number in range(4)]

    def write(blob: bytes) -> None:
        for _ in range(20):
            write_blob(entry, blob)

    writers = [threading.Thread(target=write, args=(blob,)) for blob in blobs]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        blob = read_blob(entry)
        assert blob is not None
        seen.add(blob.tobytes())
    assert seen <= {BLOB, *blobs}
    assert [path.name for path in entry.parent.iterdir()] == [entry.name]


def test_a_failed_write_leaves_the_old_blob_and_no_rubbish(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_blob(entry, BLOB)

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_blob(entry, b"new")
    assert [path.name for path in entry.parent.iterdir()] == [entry.name]
    blob = read_blob(entry)
    assert blob is not None
    assert blob.tobytes() == BLOB


def test_the_folder_stays_bounded_and_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_cache, "MAX_BLOBS", 3)
    for number in range(5):
        path = blob_path(tmp_path, f"m{number}")
        write_blob(path, BLOB)
        os.utime(path, (number + 1, number + 1))
    write_blob(blob_path(tmp_path, "m5"), BLOB)
    assert sorted(path.name.partition("-")[0] for path in tmp_path.iterdir()) == ["m3", "m4", "m5"]


def test_files_of_writers_that_died_are_swept_and_those_of_living_ones_are_not(tmp_path: Path) -> None:
    orphan, living = tmp_path / "old.tmp", tmp_path / "young.tmp"
    for path in (orphan, living):
        path.write_bytes(b"half")
    os.utime(orphan, (1, 1))
    write_blob(blob_path(tmp_path, "m"), BLOB)
    assert not orphan.exists()
    assert living.exists()


def test_an_empty_blob_is_kept_as_such(entry: Path) -> None:
    write_blob(entry, b"")
    assert np.array_equal(read_blob(entry), np.zeros(0, np.uint8))  # type: ignore[arg-type]
