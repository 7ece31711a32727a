"""Save the middle picture of a video as a PNG, or copy a picture: `python scripts/middle_frame.py INPUT OUT.png`."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2

from sidecar.media.image import ImageError, decode
from sidecar.media.video_reader import open_video


def main(source: Path, out: Path) -> None:
    try:
        image = decode(source.read_bytes())
    except ImageError:
        with open_video(source) as video:
            wanted = (video.info.frames_hint or 1) // 2
            image = next(frame.image for frame in video if frame.index >= wanted)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
