"""From parts to files: segments in order become linked, filled and cleaned people, lines, and a picture of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from sidecar.media.damage import Loss
from sidecar.video.assemble import Assembler
from sidecar.video.blueprint import Blueprint
from sidecar.video.drawing import Drawing
from sidecar.video.late_overlay import draw_overlay
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import frame_line, header_line
from sidecar.video.result_files import OVERLAY, POSES, SUMMARY
from sidecar.video.segment import SegmentPeople
from sidecar.video.stage_clock import StageClock
from sidecar.video.summary import Tally, summary
from sidecar.video.track_bodies import TrackBodies


class Assembly:
    """Writes one result into a folder. A context manager: leave it only after `finish`, or by an exception."""

    def __init__(
        self,
        blueprint: Blueprint,
        folder: Path,
        *,
        check: Callable[[], None] = lambda: None,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        """Write to `folder`.

        Args:
            check: called often; may raise to stop.
            on_step: called for every frame that is added, and for every step of the last files; may raise too.
        """
        self._blueprint = blueprint
        self._folder = folder
        self._check = check
        self._on_step = on_step
        self._clock = StageClock()
        self._tally = Tally()
        self._loss = Loss()
        self._frames = 0  # added so far: numbers of frames in the result have no gaps
        self._end_s = 0.0
        self._assembler = Assembler(
            blueprint.assembling, frame_interval_s=blueprint.frame_interval_s, skeleton=blueprint.skeleton
        )

    def __enter__(self) -> Self:
        blueprint = self._blueprint
        with ExitStack() as opened:
            self._poses = opened.enter_context((self._folder / POSES).open("wb"))
            self._poses.write(header_line(blueprint.header))
            self._bodies = opened.enter_context(
                TrackBodies(self._folder, blueprint.faces, are_made=blueprint.bodies is not None)
            )
            self._drawing = None
            if blueprint.overlay and blueprint.bodies is None:  # meshes wait for everybody's shape
                overlay = Drawing(
                    blueprint,
                    self._folder / OVERLAY,
                    self._clock,
                    faces=blueprint.faces,
                    check=self._check,
                    on_step=self._on_step,
                )
                self._drawing = opened.enter_context(overlay)
            self._cleanup = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.__exit__(kind, error, trace)

    def add(self, part: SegmentPeople) -> list[bytes]:
        """Take the next segment. Returns the lines of the frames that are final now.

        Raises:
            BrokenPose: an estimator's numbers are none.
        """
        self._clock.add(part.seconds)
        self._loss += part.loss
        lines: list[bytes] = []
        for found in part.frames:
            self._on_step()
            self._end_s = max(self._end_s, found.time_s + self._blueprint.frame_interval_s)
            frame = replace(found, index=self._frames)
            self._frames += 1
            with self._clock.measure("assemble"):
                final = list(self._assembler.add(frame))
            lines += self._write(final)
        return lines

    def finish(self) -> list[bytes]:
        """The last segment was added. Returns the lines of the frames that were left, and writes the other files.

        Raises:
            ModelFileRefused: the file of the bodies is no longer what it was.
        """
        with self._clock.measure("assemble"):
            final = list(self._assembler.finish())
        lines = list(self._write(final))
        blueprint = self._blueprint
        has_meshes = blueprint.faces is not None
        is_needed = self._bodies.any and (has_meshes or blueprint.overlay)
        model = blueprint.bodies.read() if blueprint.bodies is not None and is_needed else None
        with self._clock.measure("write"):
            self._poses.close()
            self._bodies.settle(model, check=self._on_step)
        if self._drawing is not None:
            self._drawing.finish()
        elif blueprint.overlay:
            # Meshes that were written are drawn as they are.
            shown = None if has_meshes else model
            draw_overlay(blueprint, self._folder, shown, self._clock, check=self._check, on_step=self._on_step)
        self.summary = self._summary()
        content = orjson.dumps(self.summary, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (self._folder / SUMMARY).write_bytes(content)
        return lines

    def _write(self, final: list[FramePeople]) -> Iterator[bytes]:
        blueprint = self._blueprint
        keypoints, keep_raw = len(blueprint.header["skeleton"]["keypoints"]), blueprint.assembling.keep_raw
        for frame in final:
            self._check()
            with self._clock.measure("write"):
                line = frame_line(frame, keypoints=keypoints, keep_raw=keep_raw)
                self._poses.write(line)
                self._bodies.add(frame)
            self._tally.add(frame)
            if self._drawing is not None:
                self._drawing.add(frame)
            yield line

    def _summary(self) -> dict[str, Any]:
        blueprint = self._blueprint
        promise = blueprint.promise
        return summary(
            blueprint.source,
            self._tally,
            self._clock,
            engine=blueprint.engine,
            device=blueprint.device,
            threads=blueprint.threads,
            truncated=promise.is_broken(self._loss, end_s=self._end_s),
            damage=promise.damage(self._loss, end_s=self._end_s),
        )
