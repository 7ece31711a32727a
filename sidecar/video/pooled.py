"""The steps of a video that several processes make together: plan, find in segments, assemble.

    plan ──▶ blueprint ──▶ segment 0 ──▶ part ┐
                           segment 1 ──▶ part ┼──▶ assemble ──▶ out/video_<16 hex>
                           segment 2 ──▶ part ┘

Any process may do any step, and a step that was lost is done again: parts appear whole or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.estimators.protocol import CancelToken, Estimator
from sidecar.video.assembly import Assembly
from sidecar.video.blueprint import Blueprint, draw_up, read_blueprint
from sidecar.video.footage import Footage, open_footage
from sidecar.video.length import require_length
from sidecar.video.options import VideoOptions
from sidecar.video.parts import PartStore
from sidecar.video.process import add_overlay, directory_name, keep, process, read_summary
from sidecar.video.result_dir import building, is_complete, sole_writer
from sidecar.video.result_files import OVERLAY, POSES, SUMMARY
from sidecar.video.segment import SegmentPeople, find_people, segment_finder
from sidecar.video.source import Source, Unchanged, identify
from sidecar.video.work_dir import working

LINES_AT_ONCE = 64

_POLL_S = 0.005  # how long a finished part may lie unseen


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done; nothing where `summary` is set: the result is there.

    Attributes:
        blueprint: None for a picture, which is done at once.
    """

    directory: Path
    blueprint: Blueprint | None
    summary: dict[str, Any] | None


def plan(
    path: Path,
    out: Path,
    options: VideoOptions,
    estimator: Estimator,
    *,
    fps: float | None,
    force: bool,
    max_duration_s: float | None = None,
    cancel: CancelToken,
) -> Planned:
    """Read a source once and say how its result is made. A picture is worked on here.

    Raises:
        VideoTooLong: its frames last longer than `max_duration_s`.
        MediaError: the source cannot be read.
        OutputError: a picture's result cannot be written.
    """
    source = identify(path, fps=fps, on_chunk=cancel.raise_if_cancelled)
    if source.kind == "image":
        outcome = process(source, out, options, estimator, force=force, cancel=cancel)
        return Planned(outcome.directory, None, outcome.summary)
    name = directory_name(source, options, estimator)
    files = [POSES, SUMMARY, *([OVERLAY] if options.overlay else [])]
    if not force and is_complete(out / name, files):
        return Planned(out / name, None, read_summary(out / name))
    cancel.raise_if_cancelled()
    footage = open_footage(source, check=cancel.raise_if_cancelled)
    if max_duration_s is not None:
        require_length(footage, max_duration_s)
    return Planned(out / name, draw_up(name, source, footage, options, estimator), None)


class SegmentWorker:
    """Finds the people of segments; remembers the index of the video it worked on last."""

    def __init__(self) -> None:
        self._opened: tuple[Source, Footage, Unchanged] | None = None

    def work(
        self,
        work: Path,
        number: int,
        estimator: Estimator,
        *,
        cancel: CancelToken,
        on_frame: Callable[[], None],
        decodes_ahead: bool = True,
    ) -> SegmentPeople:
        """Work on one segment of the blueprint in `work` and keep its part there.

        Args:
            decodes_ahead: see `find_people`; the part is the same.

        Raises:
            MediaError: the source cannot be read, or is no longer what it was.
            OutputError: the part cannot be written.
            BrokenPose: the estimator answered numbers that are not finite.
            OSError: the blueprint is gone: its result is complete, or its work was dropped.
            IndexError: there is no such segment.
        """
        blueprint = read_blueprint(work)
        segment = blueprint.segments[number]
        parts = PartStore(work)
        done = parts.read(number)
        if done is not None:
            return done
        footage, unchanged = self._open(blueprint, cancel)
        finder = segment_finder(blueprint, estimator, cancel=cancel)
        needed = segment.first_needed, segment.stop + finder.look_ahead_frames
        unchanged.require(*needed)
        keypoints = len(blueprint.skeleton.keypoints)
        part = find_people(
            footage,
            segment,
            finder,
            keypoints=keypoints,
            on_frame=on_frame,
            check=cancel.raise_if_cancelled,
            decodes_ahead=decodes_ahead,
        )
        unchanged.require(*needed)
        keep(parts, part, work)
        return part

    def _open(self, blueprint: Blueprint, cancel: CancelToken) -> tuple[Footage, Unchanged]:
        source, check = blueprint.source, cancel.raise_if_cancelled
        if self._opened is None or self._opened[0] != source:
            self._opened = source, open_footage(source, check=check), Unchanged(source, check=check)
        return self._opened[1:]


@dataclass(frozen=True, slots=True)
class Begun:
    """The assembly waits for these segments."""

    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Frames that are final, as they stand in poses.jsonl."""

    lines: tuple[bytes, ...]


def assemble(
    blueprint: Blueprint,
    out: Path,
    *,
    force: bool,
    with_frames: bool,
    check: Callable[[], None],
    on_finishing: Callable[[int], None] = lambda steps: None,
) -> Generator[Begun | Lines, None, None]:
    """Turn parts into the result, in order, as they appear. The generator's end means: `out/<name>` is complete.

    Args:
        force: work even if the result is there already.
        with_frames: give the lines of poses.jsonl too.
        check: called often; may raise to stop.
        on_finishing: told how many steps are done: frames that were put into the result, then those of writing the
            last files. However far the workers are ahead, it is never silent for long.

    Raises:
        MediaError: the source is no longer what it was.
        OutputError: the result cannot be written.
    """
    directory = out / blueprint.name
    steps = 0

    def step() -> None:
        nonlocal steps
        check()
        steps += 1
        on_finishing(steps)

    with sole_writer(out, blueprint.name, on_wait=check, while_waiting=check):
        if not force and is_complete(directory, [POSES, SUMMARY]):
            if blueprint.overlay and not is_complete(directory, [OVERLAY]):
                add_overlay(blueprint, directory, check=check, on_step=step)
            if with_frames:
                yield from stored_lines(directory)
            return
        with (
            working(out, blueprint, afresh=force) as parts,
            building(out, blueprint.name) as folder,
            Assembly(blueprint, folder, check=check, on_step=step) as assembly,
        ):
            numbers = [segment.number for segment in blueprint.segments]
            yield Begun(tuple(number for number in numbers if not parts.has(number)))
            for number in numbers:
                part = None
                while part is None:
                    while not parts.has(number):
                        check()
                        time.sleep(_POLL_S)
                    part = parts.read(number)
                    if part is None:  # damaged on disk
                        parts.drop(number)
                        yield Begun((number,))
                lines = assembly.add(part)
                if with_frames and lines:
                    yield Lines(tuple(lines))
            lines = assembly.finish()
            if with_frames and lines:
                yield Lines(tuple(lines))
            blueprint.source.require_unchanged(check=check)


def stored_lines(directory: Path) -> Iterator[Lines]:
    """The frames of a complete result."""
    with (directory / POSES).open("rb") as file:
        next(file)
        batch: list[bytes] = []
        for line in file:
            batch.append(line)
            if len(batch) == LINES_AT_ONCE:
                yield Lines(tuple(batch))
                batch = []
        if batch:
            yield Lines(tuple(batch))
