"""COCO keypoint results: a JSON list with one entry per person and frame (cocodataset.org, results format)."""

from __future__ import annotations

from pathlib import Path

import orjson

from sidecar.export.joints import COCO, joint_table
from sidecar.export.people import PIXEL_DECIMALS, Filled, frames_with_people
from sidecar.results.landing import landing_file
from sidecar.results.reading import Result

PERSON_CATEGORY = 1


def write(result: Result, path: Path, *, filled: Filled) -> int:
    """Write the people of a result; returns how many.

    The third number of a keypoint is its visibility in [0, 1]; COCO's evaluation reads x and y only. The format has
    no place for ids and provenance.

    Raises:
        ExportError: the skeleton lacks one of COCO's 17 keypoints.
        ResultError: the result is damaged.
        LandingError: the file cannot be written.
    """
    table = joint_table(COCO, result.header.skeleton)
    count = 0
    with landing_file(path) as file:
        file.write(b"[")
        for frame, people in frames_with_people(result, filled):
            for person in people:
                entry = {
                    "image_id": frame.index,
                    "category_id": PERSON_CATEGORY,
                    "keypoints": table.take(person.keypoints).round(PIXEL_DECIMALS + 1).ravel().tolist(),
                    "score": person.score,
                }
                file.write((b",\n" if count else b"\n") + orjson.dumps(entry))
                count += 1
        file.write(b"\n]\n")
    return count
