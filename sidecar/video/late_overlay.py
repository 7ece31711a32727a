"""overlay.mp4 from the files of a result: people out of poses.jsonl, their bodies out of bodies.f32."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sidecar.media.opening import MediaError
from sidecar.pose.body import Body
from sidecar.smpl.body_model import BodyModel
from sidecar.smpl.meshing import with_meshes
from sidecar.video.blueprint import Blueprint
from sidecar.video.bodies_file import read_bodies
from sidecar.video.drawing import Drawing
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import read_frames
from sidecar.video.result_files import OVERLAY, POSES
from sidecar.video.stage_clock import StageClock


def draw_overlay(
    blueprint: Blueprint,
    folder: Path,
    model: BodyModel | None,
    clock: StageClock,
    *,
    check: Callable[[], None],
    on_step: Callable[[], None],
) -> None:
    """Draw the overlay of the result whose other files lie in `folder`.

    Args:
        model: makes the meshes of its bodies; None: as they lie in the files, if they do.
        check: called often while the source is read through; may raise to stop.
        on_step: called for every frame; may raise too.

    Raises:
        OSError: it cannot be written.
        MediaError: a file of the result is damaged, or the source cannot be read.
    """

    def dress(frame: FramePeople) -> FramePeople:
        return frame if model is None else with_frame_meshes(frame, model)

    faces = blueprint.faces if model is None else model.faces
    path = folder / OVERLAY
    with Drawing(blueprint, path, clock, faces=faces, dress=dress, check=check, on_step=on_step) as drawing:
        for frame in frames_with_bodies(folder):
            on_step()
            drawing.add(frame)
        drawing.finish()


def frames_with_bodies(folder: Path) -> Iterator[FramePeople]:
    """The frames of a result that this program has written, with the bodies that are kept of its people.

    Raises:
        MediaError: a file is no longer as it was written.
    """
    try:
        yield from _joined(folder)
    except (ValueError, KeyError, TypeError) as error:
        raise MediaError(
            "damaged", f"the result in {folder} is damaged: {error}", "make it again: --force, or the option force"
        ) from error


def _joined(folder: Path) -> Iterator[FramePeople]:
    bodies = read_bodies(folder)
    index, kept = next(bodies, (-1, []))
    for frame in read_frames(folder / POSES):
        if frame.index != index:
            yield frame
            continue
        of: dict[int | None, Body] = {one.id: one.body for one in kept}
        yield replace(frame, people=tuple(replace(person, body=of.get(person.id)) for person in frame.people))
        index, kept = next(bodies, (-1, []))


def with_frame_meshes(frame: FramePeople, model: BodyModel) -> FramePeople:
    """The frame, with the meshes of all its people who have a body."""
    meshes = iter(with_meshes(model, [person.body for person in frame.people if person.body is not None]))
    return replace(
        frame,
        people=tuple(person if person.body is None else replace(person, body=next(meshes)) for person in frame.people),
    )
