"""What is not a video is refused with its name, the reason and the next step."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.media import opening
from sidecar.media.opening import MediaError
from sidecar.media.video_reader import open_video
from tests.media.clips import cut_off, make_clip, make_sound, make_sound_with_cover, make_zero_frames


def _write(content: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make


def _playlist(path: Path) -> Path:
    make_clip(path.with_name("part.mp4"))
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:4,\npart.mp4\n#EXT-X-ENDLIST\n")
    return path


def _concatenation(path: Path) -> Path:
    make_clip(path.with_name("part.mp4"))
    path.write_text("ffconcat version 1.0\nfile part.mp4\n")
    return path


def _directory(path: Path) -> Path:
    path.mkdir()
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


REFUSALS: list[tuple[str, Callable[[Path], Path], str]] = [
    ("missing.mp4", lambda path: path, "missing"),
    ("n" * 300 + ".mp4", lambda path: path, "unreadable"),
    ("folder.mp4", _directory, "not_a_file"),
    ("empty.mp4", _write(b""), "empty"),
    ("random.mp4", _write(bytes(range(256)) * 40), "not_media"),
    ("text.mp4", _write(b"hello"), "not_media"),
    ("no_index.mp4", lambda path: cut_off(make_clip(path, frames=100)), "not_media"),
    ("sound.mp4", make_sound, "no_video"),
    ("cover.mp4", make_sound_with_cover, "no_video"),
    ("zero.mp4", make_zero_frames, "no_frames"),
    ("list.m3u8", _playlist, "playlist"),
    ("list.ffconcat", _concatenation, "playlist"),
]
if hasattr(os, "mkfifo"):
    REFUSALS.append(("pipe.mp4", _pipe, "not_a_file"))


@pytest.mark.parametrize(("name", "make", "reason"), REFUSALS, ids=[name[:20] for name, _, _ in REFUSALS])
def test_refused(tmp_path: Path, name: str, make: Callable[[Path], Path], reason: str) -> None:
    path = make(tmp_path / name)
    with pytest.raises(MediaError) as refusal, open_video(path):
        pass
    assert refusal.value.reason == reason
    assert refusal.value.code == "DECODE_FAILED"
    assert str(path) in str(refusal.value)
    assert refusal.value.hint


def test_frames_over_the_limit_are_refused_from_the_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_clip(tmp_path / "large.mp4")
    monkeypatch.setattr(opening, "MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(MediaError, match="64x48 frames, over the limit of 3071 pixels"), open_video(path):
        pass
