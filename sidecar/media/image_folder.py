"""A folder of pictures as the frames of a video: sorted as people count, all of one size."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

from sidecar.media.damage import Loss, Promise
from sidecar.media.image import MAX_PIXELS, ImageError, decode, sniff
from sidecar.media.opening import MediaError
from sidecar.media.video_reader import VideoFrameRGB, VideoInfo

DEFAULT_FPS = 30.0
FPS_MAX = 1000.0
UNSPECIFIED = 2  # of ITU-T H.273: matrix, primaries and transfer are not known

_HEAD_BYTES = 64
_TIME_BASE = Fraction(1, 90_000)


def list_pictures(folder: Path, *, check: Callable[[], None] = lambda: None) -> tuple[Path, ...]:
    """The JPEG, PNG and WebP files of a folder, `2.png` before `10.png`; others are passed over.

    Args:
        check: called for every file; may raise to stop.

    Raises:
        MediaError: the folder cannot be read, or holds none.
    """
    try:
        files = [path for path in _asked(folder.iterdir(), check) if path.is_file() and not path.name.startswith(".")]
        pictures = [path for path in _asked(files, check) if _is_picture(path)]
    except OSError as error:
        raise MediaError("unreadable", f"{folder} cannot be read: {error.strerror}", "check its permissions") from error
    if not pictures:
        hint = "pass a folder of JPEG, PNG or WebP files, or one video"
        raise MediaError("no_frames", f"{folder} holds no pictures ({len(files)} files)", hint)
    return tuple(sorted(pictures, key=lambda path: _as_counted(path.name)))


class PictureFrames:
    """Frames `start` to `stop - 1` of a folder, being read; a picture that cannot be decoded is left out.

    Args:
        counted: frames whose loss counts.
    """

    def __init__(self, pictures: tuple[Path, ...], info: VideoInfo, start: int, stop: int, *, counted: range) -> None:
        self._pictures = pictures
        self._info = info
        self._start, self._stop = start, min(stop, len(pictures))
        self._counted = counted
        self._broken = 0

    def __iter__(self) -> Iterator[VideoFrameRGB]:
        """Yield the frames in order.

        Raises:
            MediaError: a picture has another size than the first.
        """
        size = self._info.width, self._info.height
        for index in range(self._start, self._stop):
            path = self._pictures[index]
            try:
                image = decode(path.read_bytes(), max_pixels=MAX_PIXELS)
            except (ImageError, OSError):
                self._broken += index in self._counted
                continue
            found = image.shape[1], image.shape[0]
            if found != size:
                raise MediaError(
                    "sizes_differ",
                    f"{path} is {found[0]}x{found[1]}, the first picture of its folder is {size[0]}x{size[1]}",
                    "bring all pictures to one size, or pass each alone",
                )
            yield VideoFrameRGB(index, float(index / self._info.fps), image)

    @property
    def loss(self) -> Loss:
        """What could not be decoded so far."""
        return Loss(broken_packets=self._broken)


def folder_info(pictures: tuple[Path, ...], fps: float) -> VideoInfo:
    """Facts of a folder as of a video, from its first picture that can be read.

    Raises:
        MediaError: none can be.
    """
    for path in pictures:
        try:
            image = decode(path.read_bytes(), max_pixels=MAX_PIXELS)
        except (ImageError, OSError):
            continue
        height, width = image.shape[:2]
        rate = Fraction(fps).limit_denominator(1001)
        return VideoInfo(
            width=width,
            height=height,
            rotation=0,
            mirrored=False,
            fps=rate,
            time_base=_TIME_BASE,
            pixel_aspect=Fraction(1),
            frames_hint=len(pictures),
            duration_s=float(len(pictures) / rate),
            container="images",
            codec=sniff(path.read_bytes()[:_HEAD_BYTES]),
            pixel_format="rgb24",
            colour_tags=(UNSPECIFIED,) * 3,
        )
    folder = pictures[0].parent
    raise MediaError("no_frames", f"none of the {len(pictures)} pictures in {folder} can be decoded", "check them")


def folder_promise(folder: Path, pictures: tuple[Path, ...]) -> Promise:
    """All pictures are there: none is announced that is not."""
    name = os.fsencode(folder.name).decode("utf-8", "replace")
    return Promise(name, len(pictures), duration_s=None, start_s=None, lacks_bytes=False, pieces="pictures")


def _asked(paths: Iterable[Path], check: Callable[[], None]) -> Iterator[Path]:
    for path in paths:
        check()
        yield path


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    try:
        sniff(head)
    except ImageError:
        return False
    return True


def _as_counted(name: str) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d+)", name) if part]
