"""One file in, one result directory out, by this process alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from sidecar.estimators.protocol import CancelToken, Estimator
from sidecar.video import picture
from sidecar.video.assembly import Assembly
from sidecar.video.blueprint import Blueprint, draw_up
from sidecar.video.bodies_file import INDEX
from sidecar.video.footage import Footage, open_footage
from sidecar.video.identity import model_digests, result_name
from sidecar.video.late_overlay import draw_overlay
from sidecar.video.options import VideoOptions
from sidecar.video.parts import PartStore
from sidecar.video.result_dir import building, cannot_write, is_complete, sole_writer
from sidecar.video.result_files import OVERLAY, POSES, SUMMARY
from sidecar.video.segment import SegmentPeople, find_people, segment_finder
from sidecar.video.source import Source, Unchanged
from sidecar.video.stage_clock import StageClock
from sidecar.video.work_dir import working

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
    cancel: CancelToken | None = None,
) -> Outcome:
    """Find the people in a video or picture and write them to `out/video_<16 hex>`.

    A result that is there already is returned as it is, unless `force` is set; an overlay that it lacks is drawn. The
    directory appears complete or not at all. What an interrupted run has finished of a video is kept for the next one.

    Args:
        cancel: asked while people are looked for, and while another process writes the same result.

    Raises:
        MediaError: the source cannot be read.
        OutputError: results cannot be written.
        BrokenPose: the estimator answered numbers that are not finite.
    """
    name = directory_name(source, options, estimator)
    overlay = picture.OVERLAY if source.kind == "image" else OVERLAY
    directory = out / name

    def is_there(*, with_overlay: bool) -> bool:
        return not force and is_complete(directory, [POSES, SUMMARY, *([overlay] if with_overlay else [])])

    if is_there(with_overlay=options.overlay):
        return Outcome(directory, read_summary(directory), reused=True)
    check = cancel.raise_if_cancelled if cancel is not None else lambda: None
    with sole_writer(out, name, on_wait=on_wait, while_waiting=check):
        if is_there(with_overlay=options.overlay):
            return Outcome(directory, read_summary(directory), reused=True)
        if source.kind == "image":
            with building(out, name) as folder:
                facts = picture.process_picture(source, folder, options, estimator, cancel=cancel)
                source.require_unchanged()  # else another content would lie under this one's name
            on_frame(1, 1)
            return Outcome(directory, facts, reused=False)
        footage = open_footage(source)
        blueprint = draw_up(name, source, footage, options, estimator)
        if is_there(with_overlay=False):
            add_overlay(blueprint, directory)
            return Outcome(directory, read_summary(directory), reused=True)
        facts = _video(blueprint, footage, out, estimator, on_frame, afresh=force, cancel=cancel)
    return Outcome(directory, facts, reused=False)


def read_summary(directory: Path) -> dict[str, Any]:
    """What the run that made a result said of it."""
    facts: dict[str, Any] = orjson.loads((directory / SUMMARY).read_bytes())
    return facts


def add_overlay(
    blueprint: Blueprint,
    directory: Path,
    *,
    check: Callable[[], None] = lambda: None,
    on_step: Callable[[], None] = lambda: None,
) -> None:
    """Draw the overlay of a result that was made without.

    Args:
        check: called often while the source is read through; may raise to stop.
        on_step: called for every frame; may raise too.

    Raises:
        OutputError: it cannot be written.
        MediaError: the result is damaged, or the source cannot be read.
        ModelFileRefused: the file of its bodies is no longer what it was.
    """
    moved_by = blueprint.bodies if (directory / INDEX).exists() else None
    model = None if moved_by is None else moved_by.read()
    with building(directory.parent, directory.name) as folder:
        try:
            for file in directory.iterdir():
                shutil.copy2(file, folder)
        except OSError as error:
            raise cannot_write(directory.parent, error) from error
        blueprint.source.require_unchanged(check=check)
        draw_overlay(blueprint, folder, model, StageClock(), check=check, on_step=on_step)
        blueprint.source.require_unchanged(check=check)


def keep(parts: PartStore, part: SegmentPeople, out: Path) -> None:
    """Keep a finished segment.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        parts.write(part)
    except OSError as error:
        raise cannot_write(out, error) from error


def _video(
    blueprint: Blueprint,
    footage: Footage,
    out: Path,
    estimator: Estimator,
    on_frame: OnFrame,
    *,
    afresh: bool,
    cancel: CancelToken | None,
) -> dict[str, Any]:
    source = blueprint.source
    unchanged = Unchanged(source)
    keypoints = len(blueprint.skeleton.keypoints)
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        on_frame(done, blueprint.frames)

    with (
        working(out, blueprint, afresh=afresh) as parts,
        building(out, blueprint.name) as folder,
        Assembly(blueprint, folder) as assembly,
    ):
        for segment in blueprint.segments:
            part = parts.read(segment.number)
            if part is None:
                finder = segment_finder(blueprint, estimator, cancel=cancel)
                part = find_people(footage, segment, finder, keypoints=keypoints, on_frame=count)
                # Before another content's people are kept under this one's name.
                unchanged.require(segment.first_needed, segment.stop + finder.look_ahead_frames)
                keep(parts, part, out)
            else:
                done += len(part.frames)
                on_frame(done, blueprint.frames)
            assembly.add(part)
        assembly.finish()
        source.require_unchanged()
        return assembly.summary
