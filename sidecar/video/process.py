"""One file in, one result directory out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from sidecar.estimators.protocol import Estimator
from sidecar.finding.choose import finder_for
from sidecar.media.image import MAX_PIXELS, ImageError, decode
from sidecar.media.opening import MediaError
from sidecar.media.video_reader import VideoInfo, open_video
from sidecar.pose.skeleton import Skeleton
from sidecar.video.assemble import Assembler
from sidecar.video.background import Prefetch
from sidecar.video.identity import model_digests, result_name
from sidecar.video.options import VideoOptions
from sidecar.video.overlay_file import video_overlay, write_image_overlay
from sidecar.video.people import FramePeople, find_people
from sidecar.video.poses_file import frame_line, header_line, read_frames
from sidecar.video.result_dir import building, is_complete, sole_writer
from sidecar.video.source import Source
from sidecar.video.stage_clock import StageClock
from sidecar.video.summary import Tally, summary

POSES, SUMMARY = "poses.jsonl", "summary.json"
OVERLAY = {"video": "overlay.mp4", "image": "overlay.png"}
FRAMES_AHEAD = 4  # decoded frames waiting; each is a picture in memory
MAX_IMAGE_BYTES = 256 * 1024 * 1024

# Frames done so far, and how many there will be where that is known.
OnFrame = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the result is, what its summary says, and whether it was there already."""

    directory: Path
    summary: dict[str, Any]
    reused: bool


def directory_name(source: Source, options: VideoOptions, estimator: Estimator) -> str:
    """Name of the directory that the result of this source has, or will have."""
    return result_name(
        content=source.sha256,
        options=options.result_changing(estimator.info),
        models=model_digests(estimator.info),
    )


def process(
    source: Source,
    out: Path,
    options: VideoOptions,
    estimator: Estimator,
    *,
    force: bool = False,
    on_frame: OnFrame = lambda done, total: None,
    on_wait: Callable[[], None] = lambda: None,
) -> Outcome:
    """Find the people in a video or picture and write them to `out/video_<16 hex>`.

    A result that is there already is returned as it is, unless `force` is set or it lacks an overlay that is wanted.
    The directory appears complete or not at all.

    Raises:
        MediaError: the source cannot be read.
        OutputError: results cannot be written.
        BrokenPose: the estimator answered numbers that are not finite.
    """
    name = directory_name(source, options, estimator)
    files = [POSES, SUMMARY] + ([OVERLAY[source.kind]] if options.overlay else [])
    directory = out / name
    if not force and is_complete(directory, files):
        return _reuse(directory)
    with sole_writer(out, name, on_wait=on_wait):
        if not force and is_complete(directory, files):
            return _reuse(directory)
        with building(out, name) as folder:
            work = _video if source.kind == "video" else _image
            result = work(source, folder, options, estimator, on_frame)
            source.require_unchanged()  # else another content would lie under this one's name
            (folder / SUMMARY).write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return Outcome(directory, result, reused=False)


def _reuse(directory: Path) -> Outcome:
    return Outcome(directory, orjson.loads((directory / SUMMARY).read_bytes()), reused=True)


def _video(
    source: Source, folder: Path, options: VideoOptions, estimator: Estimator, on_frame: OnFrame
) -> dict[str, Any]:
    clock, tally, skeleton = StageClock(), Tally(), estimator.info.skeleton
    with open_video(source.path) as reader:
        info = reader.info
        expected = _expected_frames(info)
        interval_s = float(1 / info.fps)
        assembler = Assembler(options.assembling, frame_interval_s=interval_s, skeleton=skeleton)
        with (
            (folder / POSES).open("wb") as poses,
            Prefetch(clock.measure_each("decode", reader), ahead=FRAMES_AHEAD) as frames,
        ):
            poses.write(_header(source, options, estimator, info))

            def write(final: Iterable[FramePeople]) -> None:
                for frame in clock.measure_each("assemble", final):
                    with clock.measure("write"):
                        line = frame_line(frame, keypoints=len(skeleton.keypoints), keep_raw=options.assemble.keep_raw)
                        poses.write(line)
                    tally.add(frame)

            found = find_people(
                frames,
                lambda: finder_for(estimator, effort=options.effort, min_score=options.min_score),
                frame_interval_s=interval_s,
                clock=clock,
            )
            for frame, people in found:
                with clock.measure("assemble"):
                    final = assembler.add(people)
                write(final)
                on_frame(frame.index + 1, expected)
            write(assembler.finish())
        if options.overlay:
            _draw(source, folder, skeleton, clock)
        return summary(source, tally, clock, estimator.info, options, truncated=reader.truncated, damage=reader.damage)


def _draw(source: Source, folder: Path, skeleton: Skeleton, clock: StageClock) -> None:
    """Draw the people of poses.jsonl into overlay.mp4: they are final only long after their frame was decoded."""
    with (
        open_video(source.path) as reader,
        video_overlay(folder / OVERLAY["video"], reader.info, skeleton, clock) as draw,
        Prefetch(reader, ahead=FRAMES_AHEAD) as frames,
    ):
        for frame, people in zip(frames, read_frames(folder / POSES), strict=True):
            draw(frame.image, people)


def _image(
    source: Source, folder: Path, options: VideoOptions, estimator: Estimator, on_frame: OnFrame
) -> dict[str, Any]:
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
        people = estimator.estimate([image], min_score=options.min_score)[0]
    frame = FramePeople(0, 0.0, tuple(people))
    with clock.measure("write"):
        line = frame_line(frame, keypoints=len(skeleton.keypoints))
        (folder / POSES).write_bytes(_header(source, options, estimator, image.shape[:2]) + line)
    if options.overlay:
        with clock.measure("overlay"):
            write_image_overlay(folder / OVERLAY["image"], image, frame, skeleton)
    tally.add(frame)
    on_frame(1, 1)
    return summary(source, tally, clock, estimator.info, options, truncated=False, damage=None)


def _header(source: Source, options: VideoOptions, estimator: Estimator, shown: VideoInfo | tuple[int, int]) -> bytes:
    facts: dict[str, Any] = {"kind": source.kind, "sha256": source.sha256, "bytes": source.size_bytes}
    if isinstance(shown, VideoInfo):
        facts |= {"container": shown.container, "codec": shown.codec, "pixel_format": shown.pixel_format}
        height, width, fps, rotation = shown.height, shown.width, float(shown.fps), shown.rotation
    else:
        (height, width), fps, rotation = shown, None, 0
    return header_line(
        source=facts,
        fps=fps,
        width=width,
        height=height,
        rotation=rotation,
        skeleton=estimator.info.skeleton,
        digests=model_digests(estimator.info),
        options=options.result_changing(estimator.info),
    )


def _expected_frames(info: VideoInfo) -> int | None:
    if info.frames_hint is not None:
        return info.frames_hint
    return None if info.duration_s is None else round(info.duration_s * info.fps)
