"""overlay.mp4, beside the assembly or after it: people are final long after their frames, so these are read again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sidecar.media.video_reader import VideoFrameRGB
from sidecar.video.background import Sink, run_beside
from sidecar.video.blueprint import Blueprint
from sidecar.video.footage import open_footage
from sidecar.video.overlay_file import Faces, video_overlay
from sidecar.video.people import FramePeople
from sidecar.video.plan import ENDLESS
from sidecar.video.poses_file import TIME_DECIMALS
from sidecar.video.stage_clock import StageClock

_ROUNDED_S = 10.0**-TIME_DECIMALS  # people who come out of poses.jsonl have the times that stand there
FRAMES_BEHIND = 256  # people without their pictures: small, and drawing may lag


class Drawing:
    """Reads and draws frame after frame in a thread of its own, and another one encodes: one each for two cores.

    A context manager; `finish` waits for the last frame.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        path: Path,
        clock: StageClock,
        *,
        faces: Faces | None,
        dress: Callable[[FramePeople], FramePeople] = lambda frame: frame,
        check: Callable[[], None] = lambda: None,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        """Draw to `path`.

        Args:
            faces: triangles of the meshes that people carry; None: they carry none.
            dress: gives a frame's people their meshes right before they are drawn.
            check: called often while the source is read through; may raise to stop.
            on_step: called while the last frames are drawn and the file is closed, when something has moved; may raise.
        """
        self._blueprint = blueprint
        self._faces = faces
        self._dress = dress
        self._path = path
        self._clock = clock
        self._check = check
        self._on_step = on_step
        self._next: VideoFrameRGB | None = None  # read, and of a later frame
        self._drawn = 0
        self._finished = False
        self._given_up = threading.Event()

    def __enter__(self) -> Self:
        footage = open_footage(self._blueprint.source, check=self._check)
        with ExitStack() as opened:
            opened.callback(footage.close)
            stretch = opened.enter_context(footage.stretch(0, ENDLESS))
            self._frames: Iterator[VideoFrameRGB] = iter(stretch)
            self._draw = opened.enter_context(
                video_overlay(self._path, footage.info, self._blueprint.skeleton, self._clock, faces=self._faces)
            )
            self._sink = Sink(self._take, behind=FRAMES_BEHIND)
            self._sink.__enter__()
            self._cleanup = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._finished:
                self._sink.__exit__(kind, error, trace)
        finally:
            self._cleanup.__exit__(kind, error, trace)

    def add(self, frame: FramePeople) -> None:
        """Draw a frame, later. Raises what drawing raised before."""
        self._sink.put(frame)

    def finish(self) -> None:
        """Wait until all frames are drawn, and close the file: of a long video all of it is written once more."""
        at: tuple[int, ...] = ()

        def watch() -> None:
            nonlocal at
            now = self._drawn, *_state_of(self._path)
            if now != at:  # a disk that hangs must not look like work
                at = now
                self._on_step()

        run_beside(self._complete, meanwhile=watch, stop=self._give_up)

    def _complete(self) -> None:
        self._sink.__exit__(None, None, None)
        if not self._given_up.is_set():
            self._cleanup.close()
            self._finished = True

    def _give_up(self) -> None:
        self._given_up.set()
        self._sink.drop()

    def _take(self, frame: FramePeople) -> None:
        picture = self._picture_of(frame)
        if picture is not None:
            self._draw(picture.image, self._dress(frame))
        self._drawn += 1

    def _picture_of(self, frame: FramePeople) -> VideoFrameRGB | None:
        """A damaged frame may be there in one pass and missing in a part, or the reverse: times tell which is which."""
        while self._next is None or self._next.time_s < frame.time_s - _ROUNDED_S:
            self._next = next(self._frames, None)
            if self._next is None:
                return None
        if self._next.time_s > frame.time_s + _ROUNDED_S:
            return None
        picture, self._next = self._next, None
        return picture


def _state_of(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except OSError:  # not there yet
        return 0, 0
    return facts.st_mtime_ns, facts.st_size
