"""A video that stays open for a while between two stretches of it: the second one may go on where the first ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sidecar.media.frame_index import FrameIndex
from sidecar.media.video_reader import VideoReader, open_video

KEEP_S = 2.0  # an open file cannot be removed everywhere, and its decoder holds pictures


class KeptReader:
    """At most one open reader of one file. Stretches are read one after the other, by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[VideoReader, ExitStack] | None = None
        self._timer: threading.Timer | None = None

    @contextmanager
    def reader(self, path: Path, index: FrameIndex, start: int) -> Iterator[VideoReader]:
        """A reader for a stretch that begins at a frame: the one that was kept, or a new one.

        Raises:
            MediaError: the file cannot be read.
        """
        kept = self._take()
        if kept is not None and not kept[0].can_go_on_to(index, start):
            kept[1].close()
            kept = None
        if kept is None:
            cleanup = ExitStack()
            kept = cleanup.enter_context(open_video(path)), cleanup
        try:
            yield kept[0]
        except BaseException:
            kept[1].close()
            raise
        if kept[0].can_go_on:
            self._keep(kept)
        else:
            kept[1].close()

    def close(self) -> None:
        """Close what is open. A stretch that is being read stays open until it ends."""
        kept = self._take()
        if kept is not None:
            kept[1].close()

    def _take(self) -> tuple[VideoReader, ExitStack] | None:
        with self._lock:
            kept, self._kept = self._kept, None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        return kept

    def _keep(self, kept: tuple[VideoReader, ExitStack]) -> None:
        with self._lock:
            self._kept = kept
            self._timer = threading.Timer(KEEP_S, self.close)
            self._timer.daemon = True
            self._timer.start()
