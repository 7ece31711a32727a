"""Which people of a result an export holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sidecar.results.frame import ResultFrame, ResultPerson
from sidecar.results.reading import Result

Filled = Literal["include", "exclude"]
PIXEL_DECIMALS = 3  # as in poses.jsonl; the middle of two keypoints has one more, and means nothing there


def frames_with_people(result: Result, filled: Filled) -> Iterator[tuple[ResultFrame, tuple[ResultPerson, ...]]]:
    """Yield every frame with its people; `exclude` leaves out the interpolated and predicted ones.

    Raises:
        ResultError: a line of the result is damaged.
    """
    for frame in result.frames():
        people = frame.persons if filled == "include" else tuple(p for p in frame.persons if not p.is_filled)
        yield frame, people
