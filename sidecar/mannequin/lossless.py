"""Video that gives every RGB pixel back unchanged: H.264 High 4:4:4 Predictive, quantiser 0, no colour conversion."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray


class LosslessWriter:
    """A context manager that encodes RGB frames into an MP4. Browsers do not play it; ffmpeg, OpenCV and PyAV do."""

    def __init__(self, path: Path, *, width: int, height: int, fps: Fraction) -> None:
        self._container = av.open(str(path), mode="w", format="mp4", options={"movflags": "+faststart"})
        options = {"qp": "0", "preset": "ultrafast", "threads": "1"}
        self._stream = self._container.add_stream("libx264rgb", rate=fps, options=options)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "rgb24"

    def write(self, image: NDArray[np.uint8]) -> None:
        """Encode one RGB image (H, W, 3), a frame's length after the one before."""
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
