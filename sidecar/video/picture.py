"""One picture in, one result folder out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from sidecar.estimators.protocol import CancelToken, Estimator
from sidecar.media.image import MAX_PIXELS, ImageError, decode
from sidecar.media.opening import MediaError
from sidecar.video.bodies_file import BodiesFile
from sidecar.video.body_source import body_source
from sidecar.video.identity import model_digests
from sidecar.video.late_overlay import with_frame_meshes
from sidecar.video.options import VideoOptions
from sidecar.video.overlay_file import write_image_overlay
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import frame_line, header, header_line
from sidecar.video.result_files import POSES, SUMMARY
from sidecar.video.source import Source
from sidecar.video.stage_clock import StageClock
from sidecar.video.summary import Tally, summary

OVERLAY = "overlay.png"
MAX_IMAGE_BYTES = 256 * 1024 * 1024


def process_picture(
    source: Source, folder: Path, options: VideoOptions, estimator: Estimator, *, cancel: CancelToken | None = None
) -> dict[str, Any]:
    """Find the people in a picture and write them to a folder; returns the summary.

    Raises:
        MediaError: the picture cannot be read.
        BrokenPose: the estimator answered numbers that are not finite.
        OSError: a file cannot be written.
    """
    clock, tally, skeleton = StageClock(), Tally(), estimator.info.skeleton
    if source.size_bytes > MAX_IMAGE_BYTES:
        raise MediaError(
            "too_large", f"{source.path} has {source.size_bytes} bytes, over the limit of {MAX_IMAGE_BYTES} for images",
            "send a smaller version",
        )  # fmt: skip
    with clock.measure("decode"):
        try:
            source.require_unchanged()
            image = decode(source.path.read_bytes(), max_pixels=MAX_PIXELS)
        except ImageError as error:
            raise MediaError("not_media", f"{source.path}: {error}", "pass another file") from error
    with clock.measure("infer"):
        people = estimator.estimate([image], min_score=options.min_score, cancel=cancel)[0]
    frame = FramePeople(0, 0.0, tuple(people))
    with clock.measure("write"):
        line = frame_line(frame, keypoints=len(skeleton.keypoints))
        (folder / POSES).write_bytes(header_line(_header(source, options, estimator, image.shape[:2])) + line)
        with BodiesFile(folder, estimator.info.faces) as bodies:
            bodies.add(frame)
    if options.overlay:
        with clock.measure("overlay"):
            moved_by = body_source(estimator.info)
            shown, faces = frame, estimator.info.faces
            if faces is None and moved_by is not None and any(person.body is not None for person in people):
                model = moved_by.read()
                shown, faces = with_frame_meshes(frame, model), model.faces
            write_image_overlay(folder / OVERLAY, image, shown, skeleton, faces=faces)
    tally.add(frame)
    engine, device = estimator.info.runtime, estimator.info.device
    facts = summary(
        source, tally, clock, engine=engine, device=device, threads=options.threads, truncated=False, damage=None
    )
    content = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (folder / SUMMARY).write_bytes(content)
    return facts


def _header(source: Source, options: VideoOptions, estimator: Estimator, size: tuple[int, int]) -> dict[str, Any]:
    height, width = size
    return header(
        source={"kind": source.kind, "sha256": source.sha256, "bytes": source.size_bytes},
        fps=None,
        width=width,
        height=height,
        rotation=0,
        skeleton=estimator.info.skeleton,
        digests=model_digests(estimator.info),
        options=options.result_changing(estimator.info),
    )
