"""What a video promised, what was lost of it, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass

TAIL_TOLERANCE_S = 1.0  # an announced length may differ this much from the last frame's end in an intact file


@dataclass(frozen=True, slots=True)
class Loss:
    """What could not be decoded.

    Attributes:
        cut_short: the packets ended with an error instead of the end.
    """

    broken_packets: int = 0
    damaged_frames: int = 0
    cut_short: bool = False

    def __add__(self, other: Loss) -> Loss:
        return Loss(
            self.broken_packets + other.broken_packets,
            self.damaged_frames + other.damaged_frames,
            self.cut_short or other.cut_short,
        )


@dataclass(frozen=True, slots=True)
class Promise:
    """What a container announces.

    Attributes:
        frames, duration_s: None where it does not say.
        start_s: where its clock begins; None where it holds other streams, whose length it may mean.
        lacks_bytes: its index points behind the end of the file.
        pieces: what frames are made from.
    """

    name: str
    frames: int | None
    duration_s: float | None
    start_s: float | None
    lacks_bytes: bool
    pieces: str = "packets"

    def is_broken(self, loss: Loss, *, end_s: float) -> bool:
        """Whether frames that were announced were not there; `end_s` is the end of the last one that was."""
        return loss.cut_short or self.lacks_bytes or self._ends_early(end_s)

    def damage(self, loss: Loss, *, end_s: float) -> str | None:
        """One sentence about what is missing; None for an intact file."""
        found = []
        if loss.broken_packets:
            found.append(f"{loss.broken_packets} {self.pieces} could not be decoded, and their frames are missing")
        if loss.damaged_frames:
            found.append(f"{loss.damaged_frames} frames were decoded with damage, and their people may be wrong")
        broken = "; ".join(found)
        if not self.is_broken(loss, end_s=end_s):
            return f"{self.name}: {broken}" if broken else None
        announced = [f"{self.frames} frames"] if self.frames else []
        announced += [f"{self.duration_s:.3f} s"] if self.duration_s else []
        ending = f"ends at {end_s:.3f} s" + (f" of {', '.join(announced)} announced" if announced else "")
        return f"{self.name} is truncated: it {ending}" + (f"; {broken}" if broken else "")

    def _ends_early(self, end_s: float) -> bool:
        """Does a container that has the video alone announce more seconds than it gave (Matroska, WebM)?"""
        if self.duration_s is None or self.start_s is None:
            return False
        return end_s - self.start_s < self.duration_s - TAIL_TOLERANCE_S
