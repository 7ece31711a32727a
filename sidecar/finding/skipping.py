"""Frames that need no look: somebody moves steadily, and the frames before and after tell where they are between."""

from __future__ import annotations

from sidecar.finding.following import STEADY, judged
from sidecar.finding.protocol import Sighting
from sidecar.finding.pursuit import Pursuit
from sidecar.finding.trail import Look


class Skipping:
    """Skips every other frame at most.

    Args:
        pursuit: whose latest trail is followed.
        longest_s: how far apart the frames before and after may be; 0: nothing is skipped.
    """

    def __init__(self, pursuit: Pursuit, *, longest_s: float) -> None:
        self._pursuit = pursuit
        self._longest_ns = longest_s * 1e9
        self._times_ns: dict[int, int] = {}

    def see(self, frame: Sighting) -> None:
        """The next frame."""
        self._times_ns[frame.index] = frame.time_ns

    def may_skip(self, index: int) -> bool:
        """Whether the frame after this one is likely to show the same person, moved as before."""
        if not self._pursuit.trails or index - 1 not in self._times_ns:
            return False
        looks = self._pursuit.trails[-1].looks
        before = looks.get(index - 1)
        return (
            before is not None
            and before.worth >= STEADY
            and (index - 2 in looks or index - 3 in looks)
            and 2 * (self._times_ns[index] - self._times_ns[index - 1]) <= self._longest_ns
            and self._pursuit.footage.shots.together(index - 1, index)
        )

    def leap(self, index: int) -> Look | None:
        """Look for the person once, behind a frame that was skipped; None where it needs a look after all."""
        trail = self._pursuit.trails[-1]
        expected = trail.expected(index, 1)
        if (
            expected is None
            or self._times_ns[index] - self._times_ns[index - 2] > self._longest_ns
            or not self._pursuit.footage.shots.together(trail.last, index)
        ):
            return None
        look = judged(self._pursuit.gaze.read(self._pursuit.footage[index], expected), trail, index, 1)
        return look if look is not None and look.worth >= STEADY else None
