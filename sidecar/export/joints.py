"""Other programs' keypoints out of ours: each is found by name, as one of ours or the middle of two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.skeleton import COCO_17, Skeleton

# BODY_25 of OpenPose in its order: names of ours that mean the joint, the best first. A pair stands for its middle.
Source = str | tuple[str, str]
BODY_25: tuple[tuple[Source, ...], ...] = (
    ("nose",),
    ("neck", ("left_shoulder", "right_shoulder")),
    ("right_shoulder",), ("right_elbow",), ("right_wrist",),
    ("left_shoulder",), ("left_elbow",), ("left_wrist",),
    ("mid_hip", ("left_hip", "right_hip")),
    ("right_hip",), ("right_knee",), ("right_ankle",),
    ("left_hip",), ("left_knee",), ("left_ankle",),
    ("right_eye",), ("left_eye",), ("right_ear",), ("left_ear",),
    ("left_big_toe", "left_foot_index"), ("left_small_toe",), ("left_heel",),
    ("right_big_toe", "right_foot_index"), ("right_small_toe",), ("right_heel",),
)  # fmt: skip
COCO: tuple[tuple[Source, ...], ...] = tuple((name,) for name in COCO_17.keypoints)
FEET = frozenset({19, 20, 21, 22, 23, 24})  # of BODY_25: skeletons without feet leave them absent


class ExportError(Exception):
    """A result cannot be written in a format; the message says what it lacks.

    Attributes:
        code: stable code of protocol/errors.json.
        hint: the next step.
    """

    code = "INVALID_REQUEST"

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, eq=False)
class JointTable:
    """Where each joint of a format comes from.

    Attributes:
        first, second: (J,) rows of our keypoints; the joint is their middle, and they are equal where it is one row.
        present: (J,) False where our skeleton has nothing for it.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    present: NDArray[np.bool_]

    def take(self, keypoints: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows [x, y, visibility] of the format, (J, 3); a middle is as visible as the fainter of its two.

        Absent joints, and those whose visibility is 0, are 0, 0, 0.

        Args:
            keypoints: (K, 4) rows [x, y, z, visibility].
        """
        one, other = keypoints[self.first], keypoints[self.second]
        middle = (one[:, :2] + other[:, :2]) / 2
        seen = np.minimum(one[:, 3], other[:, 3])
        rows = np.column_stack([middle, seen])
        rows[~self.present | (seen <= 0)] = 0.0
        return rows


def joint_table(
    wanted: tuple[tuple[Source, ...], ...], skeleton: Skeleton, *, may_lack: frozenset[int] = frozenset()
) -> JointTable:
    """Look up every joint of a format in a skeleton.

    Args:
        wanted: per joint the sources that will do, the best first.
        may_lack: joints that may be absent.

    Raises:
        ExportError: a joint that must be there is not in the skeleton.
    """
    rows = {name: index for index, name in enumerate(skeleton.keypoints)}
    pairs: list[tuple[int, int]] = []
    present: list[bool] = []
    for number, sources in enumerate(wanted):
        found = [pair for source in sources if (pair := _rows(source, rows)) is not None]
        if not found and number not in may_lack:
            raise ExportError(
                f"skeleton {skeleton.name} has no {sources[0]}, which this format needs",
                "mot and csv take every skeleton",
            )
        pairs.append(found[0] if found else (0, 0))
        present.append(bool(found))
    table = np.array(pairs, np.int64)
    return JointTable(table[:, 0], table[:, 1], np.array(present))


def _rows(source: Source, rows: dict[str, int]) -> tuple[int, int] | None:
    names = (source, source) if isinstance(source, str) else source
    if not all(name in rows for name in names):
        return None
    return rows[names[0]], rows[names[1]]
