"""The frames of a segment as far as they have been seen: their pictures, and the cuts between them."""

from __future__ import annotations

from sidecar.finding.album import Album, Picture
from sidecar.finding.protocol import Sighting
from sidecar.finding.shots import Shots


class Footage:
    """Frames in order; the pictures of the oldest may be gone."""

    def __init__(self) -> None:
        self.shots = Shots()
        self.frames: list[int] = []
        self._album = Album()

    def add(self, frame: Sighting) -> None:
        """The next frame."""
        self._album.keep(frame.index, frame.image)
        self.shots.add(frame.index, frame.image)
        self.frames.append(frame.index)

    @property
    def last(self) -> int:
        """Index of the latest frame."""
        return self.frames[-1]

    def __getitem__(self, index: int) -> Picture:
        """The picture of a frame."""
        return self._album[index]

    def __contains__(self, index: int) -> bool:
        """Whether the picture of a frame is there."""
        return index in self._album
