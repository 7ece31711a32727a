"""Joints of one track while the frames pass: lines of bounded length, and how much they tremble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class JointLine:
    """One joint over time, as the least and the greatest value of every stretch.

    Attributes:
        clean: (B, 2, 2) stretch, x and y, least and greatest, px; NaN where the track is not.
        raw: (B, 2, 2) likewise before cleaning, of sightings; None where it was not kept.
        filled: (B,) was everybody in the stretch filled in?
        jitter_clean, jitter_raw: mean size of the second difference over three sightings in a row, px; None where
            there are no such.
        moved: mean distance between raw and clean, px; None where raw was not kept.
    """

    joint: str
    clean: Points
    raw: Points | None
    filled: NDArray[np.bool_]
    jitter_clean: float | None
    jitter_raw: float | None
    moved: float | None


class Lines:
    """Takes a track's people in order of frames."""

    def __init__(self, bins: int, joints: Sequence[str]) -> None:
        self._joints = joints
        shape = (len(joints), bins, 2, 2)
        self._clean, self._raw = np.full(shape, np.nan), np.full(shape, np.nan)
        self._there, self._seen = np.zeros(bins, np.bool_), np.zeros(bins, np.bool_)
        self._tremor_clean, self._tremor_raw = _Tremor(len(joints)), _Tremor(len(joints))
        self._moved = np.zeros(len(joints))
        self._kept = 0

    def add(self, at: int, frame: int, clean: Points, raw: Points | None, *, seen: bool) -> None:
        """One person.

        Args:
            at: stretch.
            frame: index of the frame.
            clean, raw: (J, 2) px; raw is None where it was not kept.
            seen: was the person observed, and not filled in?
        """
        _extend(self._clean, at, clean)
        self._there[at] = True
        if not seen:
            return
        self._seen[at] = True
        self._tremor_clean.add(frame, clean)
        if raw is not None:
            _extend(self._raw, at, raw)
            self._tremor_raw.add(frame, raw)
            self._moved += np.hypot(*(raw - clean).T)
            self._kept += 1

    def finished(self) -> list[JointLine]:
        """The lines, in the order of the joints."""
        return [
            JointLine(
                joint=name,
                clean=self._clean[joint],
                raw=self._raw[joint] if self._kept else None,
                filled=self._there & ~self._seen,
                jitter_clean=self._tremor_clean.mean(joint),
                jitter_raw=self._tremor_raw.mean(joint),
                moved=float(self._moved[joint] / self._kept) if self._kept else None,
            )
            for joint, name in enumerate(self._joints)
        ]


class _Tremor:
    """Mean size of the second difference of positions in neighbouring frames."""

    def __init__(self, joints: int) -> None:
        self._last: list[tuple[int, Points]] = []
        self._sum = np.zeros(joints)
        self._count = 0

    def add(self, frame: int, points: Points) -> None:
        if self._last and self._last[-1][0] != frame - 1:
            self._last.clear()
        self._last.append((frame, points))
        if len(self._last) == 3:
            (_, one), (_, two), (_, three) = self._last
            self._sum += np.hypot(*(one - 2 * two + three).T)
            self._count += 1
            del self._last[0]

    def mean(self, joint: int) -> float | None:
        return float(self._sum[joint] / self._count) if self._count else None


def _extend(lines: Points, at: int, points: Points) -> None:
    lines[:, at, :, 0] = np.fmin(lines[:, at, :, 0], points)
    lines[:, at, :, 1] = np.fmax(lines[:, at, :, 1], points)
