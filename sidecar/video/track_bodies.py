"""The bodies of a video while it is assembled: kept as they come, written when each person's shape is known.

A person does not grow from frame to frame. The shape is the median of what all sightings say, so it is known with the
last of them only, and what follows from it (numbers, meshes) is written then.
"""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.body import Body
from sidecar.smpl.body_model import SHAPES, BodyModel
from sidecar.smpl.filling import one_shape
from sidecar.smpl.meshing import with_meshes
from sidecar.video.bodies_file import BodiesFile, kept_of, read_bodies
from sidecar.video.people import FramePeople


class TrackBodies:
    """Writes both files into a folder, at `settle`. A context manager; what it kept meanwhile goes with it."""

    def __init__(self, folder: Path, faces: NDArray[np.uint32] | None, *, are_made: bool) -> None:
        """Write into `folder`.

        Args:
            faces: (F, 3), triangles of meshes, where they are wanted.
            are_made: `settle` will be given what makes meshes, so those that come need not be kept.
        """
        self._folder = folder
        self._faces = faces
        self._are_made = are_made
        self._found = folder / "bodies.found"
        self._shapes: dict[int | None, array[float]] = {}  # of the sightings, 10 numbers after 10

    def __enter__(self) -> Self:
        self._found.mkdir()
        self._file = BodiesFile(self._found)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)
        shutil.rmtree(self._found, ignore_errors=True)

    def add(self, frame: FramePeople) -> None:
        """Take a frame. Frames come in order; see `BodiesFile.add`."""
        found = kept_of(frame)
        if self._are_made:
            found = [replace(one, body=replace(one.body, vertices=None)) for one in found]
        self._file.write(frame.index, found)
        for person in frame.people:
            if person.body is not None and person.distance == 0:
                self._shapes.setdefault(person.id, array("f")).extend(person.body.betas.tolist())

    @property
    def any(self) -> bool:
        """Was anybody seen with a body?"""
        return bool(self._shapes)

    def settle(self, model: BodyModel | None, *, check: Callable[[], None]) -> None:
        """The last frame was added: write the files.

        Args:
            model: makes the meshes. Those that came with bodies and cannot be made stay, and so does their shape.
            check: called often; may raise to stop.

        Raises:
            OSError: the files cannot be written.
        """
        self._file.__exit__(None, None, None)
        shapes = {
            track: one_shape(np.array(said, np.float32).reshape(-1, SHAPES)) for track, said in self._shapes.items()
        }
        with BodiesFile(self._folder, self._faces) as file:
            for frame, kept in read_bodies(self._found):
                check()
                bodies = [_settled(one.body, shapes.get(one.id)) for one in kept]
                if model is not None and self._faces is not None:
                    bodies = with_meshes(model, bodies)
                file.write(frame, [replace(one, body=body) for one, body in zip(kept, bodies, strict=True)])


def _settled(body: Body, shape: NDArray[np.float32] | None) -> Body:
    return body if shape is None or body.vertices is not None else replace(body, betas=shape)
