"""MOT Challenge text: one line per box, `frame,id,left,top,width,height,confidence,-1,-1,-1`."""

from __future__ import annotations

from pathlib import Path

from sidecar.export.people import PIXEL_DECIMALS, Filled, frames_with_people
from sidecar.results.landing import landing_file
from sidecar.results.reading import Result

FIRST_FRAME = 1  # the format counts from 1
NO_TRACK = -1


def write(result: Result, path: Path, *, filled: Filled) -> int:
    """Write the boxes of a result, px, unclipped; returns how many. People without an id have -1.

    Raises:
        ResultError: the result is damaged.
        LandingError: the file cannot be written.
    """
    count = 0
    with landing_file(path) as file:
        for frame, people in frames_with_people(result, filled):
            for person in people:
                left, top, right, bottom = person.bbox_xyxy
                numbers = [round(n, PIXEL_DECIMALS) for n in (left, top, right - left, bottom - top)]
                identity = NO_TRACK if person.id is None else person.id
                box = ",".join(map(str, numbers))
                file.write(f"{frame.index + FIRST_FRAME},{identity},{box},{person.score},-1,-1,-1\n".encode())
                count += 1
    return count
