"""What a file is, before anything else is done with it: a video or a picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sidecar.media.image import ImageError, sniff
from sidecar.media.opening import MediaError, check_file
from sidecar.video.identity import content_sha256

_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """An input file by its content.

    Attributes:
        state: of the file when its content was read: what changes when another program writes or replaces it.
    """

    path: Path
    kind: Literal["video", "image"]
    sha256: str
    size_bytes: int
    state: tuple[int, ...]

    @property
    def name(self) -> str:
        """The file's name as text, also where its bytes are not UTF-8."""
        return os.fsencode(self.path.name).decode("utf-8", "replace")

    def require_unchanged(self) -> None:
        """Raise MediaError if the file may no longer hold the content that the digest was taken of."""
        try:
            unchanged = _state(self.path) == self.state
        except OSError:
            unchanged = False
        if not unchanged:
            raise MediaError(
                "changed",
                f"{self.path} was changed or removed while it was read",
                "run again once nothing else writes to it",
            )


def identify(path: Path, *, on_chunk: Callable[[], None] = lambda: None) -> Source:
    """Read the whole file once: its kind and its digest. `on_chunk` is called now and then, and may raise to stop.

    Raises:
        MediaError: it is missing, empty, or no regular file.
    """
    check_file(path)
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


def _state(path: Path) -> tuple[int, ...]:
    facts = path.stat()
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns
