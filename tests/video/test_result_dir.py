"""Directories are complete or absent."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from sidecar.video import result_dir
from sidecar.video.exchange import exchange
from sidecar.video.result_dir import OutputError, building, is_complete, sole_writer

NAME = "video_0123456789abcdef"


def build(out: Path, content: str = "new") -> None:
    with building(out, NAME) as folder:
        (folder / "poses.jsonl").write_text(content)


def test_a_block_that_ends_well_leaves_the_directory_and_nothing_else(tmp_path: Path) -> None:
    build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert is_complete(tmp_path / NAME, ["poses.jsonl"])
    assert not is_complete(tmp_path / NAME, ["poses.jsonl", "overlay.mp4"])


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with building(tmp_path, NAME) as folder:
            (folder / "poses.jsonl").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_failing_block_leaves_the_old_result_as_it_was(tmp_path: Path) -> None:
    build(tmp_path, "old")
    with pytest.raises(OutputError, match="cannot write results"), building(tmp_path, NAME):
        raise OSError(28, "No space left on device")
    assert (tmp_path / NAME / "poses.jsonl").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_new_result_replaces_an_old_one(tmp_path: Path) -> None:
    build(tmp_path, "old")
    build(tmp_path, "new")
    assert (tmp_path / NAME / "poses.jsonl").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: names are exchanged in one step on Linux")
def test_whoever_reads_while_a_result_is_replaced_finds_the_old_or_the_new_one(tmp_path: Path) -> None:
    build(tmp_path)
    if not exchange(tmp_path / NAME, tmp_path / NAME):
        pytest.skip("platform: this file system cannot exchange names")
    over = threading.Event()
    found, missing = set[bytes](), list[OSError]()

    def read() -> None:
        while not over.is_set() and not missing:
            try:
                found.add((tmp_path / NAME / "poses.jsonl").read_bytes())
            except OSError as error:
                missing.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(300):
            build(tmp_path, str(number))
    finally:
        over.set()
        reader.join()
    assert missing == []
    assert len(found) > 1, "it read beside the writer"
    assert (tmp_path / NAME / "poses.jsonl").read_text() == "299"


def test_where_names_cannot_be_exchanged_the_new_result_replaces_the_old_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_dir, "exchange", lambda one, other: False)
    build(tmp_path, "old")
    build(tmp_path, "new")
    assert (tmp_path / NAME / "poses.jsonl").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_leftovers_of_a_killed_writer_are_removed_and_those_of_others_kept(tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.dead.partial").mkdir()
    (tmp_path / ".video_fedcba9876543210.busy.partial").mkdir()
    build(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".video_fedcba9876543210.busy.partial", NAME]


@pytest.mark.skipif(os.name == "nt", reason="platform: no POSIX modes")
def test_the_directory_can_be_read_by_others(tmp_path: Path) -> None:
    build(tmp_path)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o777 & ~mask


def test_an_out_that_is_a_file_is_named(tmp_path: Path) -> None:
    out = tmp_path / "file"
    out.write_text("")
    with pytest.raises(OutputError, match=str(out)) as error, sole_writer(out, NAME, on_wait=lambda: None):
        pass
    assert "--out" in error.value.hint


def test_writers_of_one_result_take_turns_and_leave_no_lock(tmp_path: Path) -> None:
    inside, worst, waited = 0, 0, threading.Event()

    def write() -> None:
        nonlocal inside, worst
        with sole_writer(tmp_path, NAME, on_wait=waited.set):
            inside += 1
            worst = max(worst, inside)
            if not waited.is_set():
                waited.wait(timeout=10)
            build(tmp_path)
            inside -= 1

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == 1
    assert waited.is_set()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
