"""Writing videos that browsers play: H.264, yuv420p, the index at the front, exact timestamps."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame

from sidecar.media.image import Image

DEFAULT_CRF = 20  # visually close to the source at a third of the bytes of 14
DEFAULT_PRESET = "veryfast"  # three times the speed of "medium" for a tenth more bytes
TICKS_PER_FRAME = 512  # of the default time base, fine enough for any rate to be exact
BT601_TAGS = (6, 6, 6)  # matrix, primaries, transfer of ITU-T H.273: what the conversion below makes

_TAGGABLE_MATRICES = {1, 2, 4, 5, 6, 7, 9, 10}  # of a YCbCr picture; 0 is RGB, 3 reserved, the rest are exotic


class VideoWriter:
    """A context manager that encodes RGB frames of one size into an MP4.

    H.264 4:2:0 has even sides only: an odd width or height grows by one pixel, which repeats the last column or row,
    so no pixel of the source is lost and coordinates stay as they are.

    RGB becomes YCbCr with the BT.601 matrix, which is the reverse of what `video_reader` does; `colour_tags` of the
    source then make players show the source's colours. The file is complete only after `close`.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        width: int,
        height: int,
        fps: Fraction | int,
        time_base: Fraction | None = None,
        pixel_aspect: Fraction = Fraction(1),
        colour_tags: tuple[int, int, int] = BT601_TAGS,
        crf: int = DEFAULT_CRF,
        preset: str = DEFAULT_PRESET,
        threads: int = 0,
    ) -> None:
        """Open the file for writing.

        Args:
            width, height: px of the images to come.
            fps: nominal rate; the timestamps given with the frames decide.
            time_base: unit of the timestamps, s; the source's own makes them exact. Default: 1/512 of a frame.
            crf: 0 is lossless, 51 worst.
            threads: encoder threads; 0 lets the encoder choose.
        """
        if width < 1 or height < 1:
            raise ValueError(f"a video needs at least one pixel a side, got {width}x{height}")
        self._path = Path(path)
        self._shape = (height, width, 3)
        self._fps = Fraction(fps)
        self._time_base = time_base or 1 / (self._fps * TICKS_PER_FRAME)
        self._last_pts: int | None = None
        self._index = 0
        container = av.open(str(path), mode="w", format="mp4", options={"movflags": "+faststart"})
        self._container: OutputContainer | None = container
        stream = container.add_stream(
            "libx264", rate=self._fps, options={"crf": str(crf), "preset": preset, "threads": str(threads)}
        )
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.time_base = self._time_base
        stream.codec_context.time_base = self._time_base
        stream.codec_context.sample_aspect_ratio = pixel_aspect
        matrix, primaries, transfer = colour_tags if colour_tags[0] in _TAGGABLE_MATRICES else BT601_TAGS
        stream.codec_context.colorspace = matrix
        stream.codec_context.color_primaries = primaries
        stream.codec_context.color_trc = transfer
        stream.codec_context.color_range = 1  # limited
        self._stream = stream

    def write(self, image: Image, time_s: float | None = None) -> None:
        """Encode one RGB image, to be shown at `time_s` (default: a frame's length after the one before).

        Times that do not grow by at least one tick are moved up to the next: MP4 knows no two frames at one time.
        """
        if self._container is None:
            raise ValueError("the video is closed already")
        if image.shape != self._shape:
            raise ValueError(f"image must have shape {self._shape}, got {image.shape}")
        if time_s is None:
            time_s = float(self._index / self._fps)
        pts = round(Fraction(time_s) / self._time_base)
        if self._last_pts is not None:
            pts = max(pts, self._last_pts + 1)
        self._last_pts = pts
        self._index += 1
        height, width = image.shape[:2]
        if height % 2 or width % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        # OpenCV converts in a sixth of the time that FFmpeg takes.
        planes = np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2YUV_I420), np.uint8)
        # Without a copy where that is safe: PyAV takes other heights for the next smaller multiple of four.
        wrap = VideoFrame.from_ndarray if len(planes) % 6 else VideoFrame.from_numpy_buffer
        frame = wrap(planes, format="yuv420p")
        frame.pts, frame.time_base = pts, self._time_base
        frame.duration = round(1 / (self._fps * self._time_base))
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Flush the encoder and finish the file. Idempotent."""
        if self._container is None:
            return
        container, self._container = self._container, None
        try:
            if self._index:
                container.mux(self._stream.encode(None))
        finally:
            container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        # Nobody wants it: without its name FFmpeg cannot write all of it once more, which takes long.
        self._remove()
        with suppress(av.FFmpegError, OSError):
            self.close()
        self._remove()  # frames that the encoder still had may have been its first

    def _remove(self) -> None:
        with suppress(OSError):
            self._path.unlink()
