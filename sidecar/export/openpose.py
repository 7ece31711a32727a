"""OpenPose JSON: one file per frame in a folder or an archive, 25 joints per person (BODY_25)."""

from __future__ import annotations

import re
from pathlib import Path

import orjson

from sidecar.export.frame_files import frame_files
from sidecar.export.joints import BODY_25, FEET, JointTable, joint_table
from sidecar.export.people import PIXEL_DECIMALS, Filled, frames_with_people
from sidecar.results.frame import ResultPerson
from sidecar.results.reading import Result

FORMAT_VERSION = 1.3
FOLDER = "openpose"
NOBODY = -1  # person_id of people without a track
MAX_STEM_BYTES = 200  # file systems allow names of 255

_OURS = re.compile(r".*_\d{12}_keypoints\.json")


def write(result: Result, path: Path, *, filled: Filled) -> int:
    """Write one file per frame, also where nobody is, as a folder or, to a path that ends in .zip, as an archive.

    Returns the number of people.

    Neck and mid hip are middles of shoulders and hips where the skeleton has none, big toes are BlazePose's foot
    index. What a skeleton lacks (BlazePose: the small toes; COCO: the feet) is absent: 0, 0, 0.

    Raises:
        ExportError: the skeleton lacks a joint of BODY_25 other than the feet.
        ResultError: the result is damaged.
        LandingError: the folder or archive cannot be written, or the folder holds other files.
    """
    table = joint_table(BODY_25, result.header.skeleton, may_lack=FEET)
    stem = file_stem(result.name)
    count = 0
    with frame_files(path, folder_name=FOLDER, may_replace=_is_ours) as add:
        for frame, people in frames_with_people(result, filled):
            content = {
                "version": FORMAT_VERSION,
                "people": [_person(person, table) for person in people],
                "part_candidates": [],
            }
            add(f"{stem}_{frame.index:012d}_keypoints.json", orjson.dumps(content))
            count += len(people)
    return count


def _is_ours(name: str) -> bool:
    return _OURS.fullmatch(name) is not None


def file_stem(name: str) -> str:
    """A source's name as the start of a file name: without its suffix, and without what no file system allows."""
    stem = re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", Path(name).stem)
    return stem.encode("utf-8", "replace")[:MAX_STEM_BYTES].decode("utf-8", "ignore") or "video"


def _person(person: ResultPerson, table: JointTable) -> dict[str, object]:
    joints = table.take(person.keypoints).round(PIXEL_DECIMALS + 1).ravel().tolist()
    return {
        "person_id": [NOBODY if person.id is None else person.id],
        "pose_keypoints_2d": joints,
        "face_keypoints_2d": [],
        "hand_left_keypoints_2d": [],
        "hand_right_keypoints_2d": [],
        "pose_keypoints_3d": [],
        "face_keypoints_3d": [],
        "hand_left_keypoints_3d": [],
        "hand_right_keypoints_3d": [],
    }
