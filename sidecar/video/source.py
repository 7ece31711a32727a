"""What an input is, before anything else is done with it: a video, a picture, or a folder of pictures."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sidecar.media.image import ImageError, sniff
from sidecar.media.image_folder import DEFAULT_FPS, FPS_MAX, list_pictures
from sidecar.media.opening import MediaError, check_file
from sidecar.video.identity import content_sha256

_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """An input by its content.

    Attributes:
        kind: images: a folder of pictures that are the frames of a video.
        sha256: of the file; of a folder, over its rate and each picture's name and digest.
        state: of the file when its content was read: what changes when another program writes or replaces it.
        fps: frame rate of a folder of pictures; None for files, which know their own.
    """

    path: Path
    kind: Literal["video", "image", "images"]
    sha256: str
    size_bytes: int
    state: tuple[int, ...]
    fps: float | None = None

    @property
    def name(self) -> str:
        """The file's name as text, also where its bytes are not UTF-8."""
        return os.fsencode(self.path.name).decode("utf-8", "replace")

    def require_unchanged(self, *, check: Callable[[], None] = lambda: None) -> None:
        """Raise MediaError if the file may no longer hold the content that the digest was taken of.

        Args:
            check: called for each picture of a folder; may raise to stop.
        """
        try:
            unchanged = _state_of(self.path, is_folder=self.fps is not None, check=check) == self.state
        except (OSError, MediaError):
            unchanged = False
        if not unchanged:
            raise _changed(self.path)


class Unchanged:
    """Tells segment by segment whether a source is still what it was: of a folder, without looking at all of it."""

    def __init__(self, source: Source, *, check: Callable[[], None] = lambda: None) -> None:
        """Look at all of it once.

        Args:
            check: called for each picture of a folder; may raise to stop.

        Raises:
            MediaError: it has changed already.
        """
        self._source = source
        self._pictures: tuple[Path, ...] = ()
        self._states: list[tuple[int, ...]] = []
        if source.fps is None:
            source.require_unchanged()
            return
        try:
            self._pictures = list_pictures(source.path, check=check)
            self._states = [_state(picture) for picture in self._pictures]
        except (OSError, MediaError) as error:
            raise _changed(source.path) from error
        if _digest(self._states) != source.state:
            raise _changed(source.path)

    def require(self, start: int, stop: int) -> None:
        """Raise MediaError if what the frames `start` to `stop - 1` are read from may have changed."""
        if not self._pictures:
            self._source.require_unchanged()
            return
        for picture, state in zip(self._pictures[start:stop], self._states[start:stop], strict=True):
            try:
                unchanged = _state(picture) == state
            except OSError:
                unchanged = False
            if not unchanged:
                raise _changed(picture)


def identify(path: Path, *, fps: float | None = None, on_chunk: Callable[[], None] = lambda: None) -> Source:
    """Read the whole input once: its kind and its digest.

    Args:
        fps: frame rate of a folder of pictures (default: 30).
        on_chunk: called now and then; may raise to stop.

    Raises:
        MediaError: it is missing, empty, no regular file, or a folder without pictures; or `fps` is given for a file.
    """
    if path.is_dir():
        return _identify_folder(path, DEFAULT_FPS if fps is None else fps, on_chunk)
    check_file(path)
    if fps is not None:
        raise MediaError(
            "fps", f"fps is for folders of pictures; {path} is a file and knows its own rate", "leave it out"
        )
    state = _state(path)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    try:
        sniff(head)
        kind: Literal["video", "image"] = "image"
    except ImageError:
        kind = "video"
    source = Source(path, kind, content_sha256(path, on_chunk=on_chunk), path.stat().st_size, state)
    source.require_unchanged()
    return source


def _identify_folder(folder: Path, fps: float, on_chunk: Callable[[], None]) -> Source:
    if not (math.isfinite(fps) and 0 < fps <= FPS_MAX):
        raise MediaError("fps", f"fps must be over 0 and at most {FPS_MAX:g}, got {fps}", "pass another")
    state = _state_of(folder, is_folder=True, check=on_chunk)
    digest, size_bytes = hashlib.sha256(f"{float(fps)!r}\n".encode()), 0
    for path in list_pictures(folder, check=on_chunk):
        digest.update(os.fsencode(path.name) + b"\0" + content_sha256(path, on_chunk=on_chunk).encode() + b"\n")
        size_bytes += path.stat().st_size
    source = Source(folder, "images", digest.hexdigest(), size_bytes, state, fps)
    source.require_unchanged(check=on_chunk)
    return source


def _state_of(path: Path, *, is_folder: bool, check: Callable[[], None]) -> tuple[int, ...]:
    if not is_folder:
        return _state(path)
    return _digest([_state(picture) for picture in list_pictures(path, check=check)])


def _digest(states: list[tuple[int, ...]]) -> tuple[int]:
    return (int.from_bytes(hashlib.sha256(repr(states).encode()).digest()[:8]),)


def _state(path: Path) -> tuple[int, ...]:
    facts = path.stat()
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _changed(path: Path) -> MediaError:
    return MediaError(
        "changed",
        f"{path} was changed or removed while it was read",
        "run again once nothing else writes to it",
    )
