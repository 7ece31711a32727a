from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.recording import storage
from sidecar.recording.format import encode_record, read_recording
from sidecar.recording.storage import MAX_LEFT_BEHIND, RecordingFull, Ring, SingleFile, remove_leftovers, rings_in
from tests.recording.builders import SESSION

CLOCK = iter(range(1, 1_000_000))


def append(kept: storage.Storage, id_: int, body: bytes = b"", *, kind: str = "request") -> None:
    head = encode_record({"type": kind, "id": id_, "recorded_ms": next(CLOCK)}, len(body))
    kept.append(head, body, is_handshake=kind in ("init", "ready"))


def ids(path: Path) -> list[int]:
    return [record.message["id"] for record in read_recording(path).records]


def path_of(kept: storage.Storage) -> Path:
    assert kept.path
    return kept.path


def dead_pid() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_file_keeps_everything_and_stays(tmp_path: Path) -> None:
    kept = SingleFile(tmp_path / "a.rec", SESSION)
    for number in range(1, 100):
        append(kept, number, b"x" * number)
    kept.close(keep=False)
    kept.close(keep=False)
    assert ids(tmp_path / "a.rec") == list(range(1, 100))


def test_a_file_ends_at_its_limit_and_what_is_in_it_stays_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_FILE_BYTES", 1000)
    kept = SingleFile(tmp_path / "a.rec", SESSION)
    append(kept, 1, b"x" * 500)
    with pytest.raises(RecordingFull, match=r"1000 bytes"):
        append(kept, 2, b"x" * 500)
    assert ids(tmp_path / "a.rec") == [1]


def test_a_ring_makes_nothing_before_the_first_request(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "flight", SESSION)
    append(ring, 1, kind="init")
    append(ring, 2, kind="ready")
    assert list(tmp_path.iterdir()) == []
    assert ring.path is None
    append(ring, 3)
    assert ids(path_of(ring)) == [1, 2, 3]


def test_a_ring_keeps_the_newest_in_bounded_space_and_the_handshake_always(tmp_path: Path) -> None:
    ring = Ring(tmp_path, SESSION, segment_bytes=4096)
    append(ring, 1, kind="init")
    for number in range(2, 500):
        append(ring, number, b"x" * (number % 700))
        kept = ids(path_of(ring))
        assert kept[0] == 1
        assert kept[1:] == list(range(kept[1], number + 1))
    assert len(kept) > 5
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * (4096 + 1024)


def test_a_ring_is_removed_unless_it_is_to_be_kept(tmp_path: Path) -> None:
    for keep in (False, True):
        ring = Ring(tmp_path, SESSION, segment_bytes=1000)
        for number in range(1, 20):
            append(ring, number, b"x" * 300)
        ring.close(keep=keep)
        ring.close(keep=keep)
        assert len(list(tmp_path.iterdir())) == (2 if keep else 0)


@pytest.mark.skipif(sys.platform == "win32", reason="platform: file modes are POSIX")
def test_pictures_of_people_are_for_their_owner_only(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "flight", SESSION)
    append(ring, 1)
    single = SingleFile(tmp_path / "a.rec", SESSION)
    assert stat.S_IMODE((tmp_path / "flight").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path_of(one).stat().st_mode) for one in (ring, single)} == {0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="platform: SIGKILL")
def test_a_ring_outlives_sigkill(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from sidecar.recording.storage import Ring\n"
        "from tests.recording.test_storage import SESSION, append\n"
        "ring = Ring(pathlib.Path(sys.argv[1]), SESSION)\n"
        "for number in range(1, 4): append(ring, number, b'x' * 100_000)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, tmp_path], check=False).returncode == -9
    (left,) = rings_in(tmp_path)
    assert ids(left) == [1, 2, 3]
    assert read_recording(left).exit_code is None


def test_a_disk_that_is_full_is_an_error_and_no_signal() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("platform: no /dev/full")
    with pytest.raises(OSError, match="No space left"):
        SingleFile(full, SESSION)


def test_leftovers_are_bounded_and_those_of_the_living_are_not_touched(tmp_path: Path) -> None:
    pid = dead_pid()
    for number in range(MAX_LEFT_BEHIND + 3):
        for suffix in ("a", "b"):
            path = tmp_path / f"{pid}-{number}.{suffix}"
            path.touch()
            os.utime(path, (number, number))
    living = tmp_path / f"{os.getpid()}-0.a"
    living.touch()
    stranger = tmp_path / "notes.txt"
    stranger.touch()
    remove_leftovers(tmp_path)
    assert [path.stem for path in rings_in(tmp_path)] == [f"{pid}-{number}" for number in (6, 5, 4, 3)]
    assert living.exists()
    assert stranger.exists()
    assert rings_in(tmp_path / "gone") == []
