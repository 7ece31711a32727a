"""A scene as files: the video, and its truth beside it (format: truth.schema.json)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson

from sidecar.mannequin.lossless import LosslessWriter
from sidecar.mannequin.scene import SceneOptions, Stage
from sidecar.mannequin.truth import TruthPerson
from sidecar.media.video_writer import VideoWriter
from sidecar.pose.skeleton import BLAZEPOSE_33

TRUTH_VERSION = 1
CRF = 16  # cloth and faces stay crisp; about 1 Mbit/s at 640x360
PX_DECIMALS, METRE_DECIMALS = 3, 4


def truth_path(video: Path) -> Path:
    """Where the truth of a video lies: `walk.mp4` has `walk.truth.json`."""
    return video.with_suffix(".truth.json")


def record(
    video: Path, options: SceneOptions, *, lossless: bool = False, progress: Callable[[int], None] = lambda done: None
) -> None:
    """Render a scene into `video` and its truth beside it. Both files are complete or not there.

    Args:
        lossless: every pixel comes back from the file as it was drawn (large; browsers do not play it).
        progress: told the number of finished frames.

    Raises:
        OSError: the folder is missing or cannot be written.
    """
    truth = truth_path(video)
    parts = [path.with_name(f".{path.name}.{os.getpid()}.part") for path in (video, truth)]
    try:
        with parts[1].open("wb") as file:
            _render(parts[0], file, video.name, options, lossless, progress)
        parts[0].replace(video)
        parts[1].replace(truth)
    finally:
        for path in parts:
            path.unlink(missing_ok=True)


def _render(
    video: Path, truth: BinaryIO, name: str, options: SceneOptions, lossless: bool, progress: Callable[[int], None]
) -> None:
    stage = Stage(options)
    fps = Fraction(options.fps).limit_denominator(1001)
    head = orjson.dumps(_header(name, options, stage, lossless=lossless))
    truth.write(head[:-1] + b',"frames":[\n')
    with _writer(video, options, fps, lossless=lossless) as writer:
        for frame in range(options.frames):
            time = float(frame / fps)
            image, people = stage.render(time)
            writer.write(image)
            line = orjson.dumps({"frame": frame, "time_s": round(time, 6), "persons": _persons(people)})
            truth.write((b",\n" if frame else b"") + line)
            progress(frame + 1)
    truth.write(b"\n]}\n")


def _writer(video: Path, options: SceneOptions, fps: Fraction, *, lossless: bool) -> LosslessWriter | VideoWriter:
    if lossless:
        return LosslessWriter(video, width=options.width, height=options.height, fps=fps)
    return VideoWriter(video, width=options.width, height=options.height, fps=fps, crf=CRF, threads=1)


def _header(name: str, options: SceneOptions, stage: Stage, *, lossless: bool) -> dict[str, Any]:
    return {
        "schema_version": TRUTH_VERSION,
        "source": os.fsencode(name).decode("utf-8", "replace"),  # file names need not be text
        "lossless": lossless,
        "width": options.width,
        "height": options.height,
        "fps": options.fps,
        "frame_count": options.frames,
        "people": options.people,
        "motion": options.motion,
        "seed": options.seed,
        "skeleton": BLAZEPOSE_33.name,
        "keypoint_names": BLAZEPOSE_33.keypoints,
        "camera": {
            "focal_px": round(stage.camera.focal_px, PX_DECIMALS),
            "centre_px": [options.width / 2, options.height / 2],
            "height_m": float(stage.camera.position[1]),
            "pitch_rad": round(stage.camera.pitch, METRE_DECIMALS),
        },
    }


def _persons(people: Sequence[TruthPerson]) -> list[dict[str, Any]]:
    return [
        {
            "id": person.id,
            "bbox_xyxy": _rounded(np.array(person.bbox_xyxy), PX_DECIMALS),
            "keypoints": _rounded(person.joints2d, PX_DECIMALS),
            "keypoints_world": _rounded(person.joints3d, METRE_DECIMALS),
            "root_m": _rounded(person.root, METRE_DECIMALS),
            "visible": person.visible.tolist(),
        }
        for person in people
    ]


def _rounded(values: np.ndarray[Any, np.dtype[np.float64]], decimals: int) -> Any:
    return (np.round(values, decimals) + 0.0).tolist()  # + 0.0: no negative zeros
