"""Labelled people in COCO's format, checked before anything is computed for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 1 << 30
KEYPOINTS = 17


class EvaluationError(Exception):
    """The labels or pictures cannot be used. The message names the value and the next step."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One labelled person.

    Attributes:
        keypoints: (17, 3) x, y, px, and COCO's flag: 0 not labelled, 1 hidden, 2 visible.
        area: px^2.
    """

    keypoints: NDArray[np.float64]
    area: float


@dataclass(frozen=True, slots=True)
class Annotations:
    """The labels of a file.

    Attributes:
        content: all of it, as COCO's own tools want it.
        files: picture file by image id.
        people: by image id, those with at least one labelled keypoint, crowds left out.
    """

    content: Mapping[str, Any]
    files: Mapping[int, str]
    people: Mapping[int, list[Labelled]]


def read_annotations(path: Path) -> Annotations:
    """Read and check a file of labels.

    Raises:
        EvaluationError: unreadable, or not COCO keypoints.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise EvaluationError(f"{path} is larger than {MAX_BYTES} bytes; split it")
        content = json.loads(path.read_bytes())
        files = {int(image["id"]): str(image["file_name"]) for image in content["images"]}
        people: dict[int, list[Labelled]] = {image: [] for image in files}
        for number, annotation in enumerate(content["annotations"]):
            person = _labelled(annotation, f"{path}: annotation {number}")
            if annotation["image_id"] not in files:
                raise EvaluationError(
                    f"{path}: annotation {number} is of image {annotation['image_id']}, which is none"
                )
            if person is not None:
                people[annotation["image_id"]].append(person)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read ({error.strerror or error})") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EvaluationError(f"{path} holds no COCO keypoints ({type(error).__name__}: {error})") from error
    if not any(people.values()):
        raise EvaluationError(f"{path} has nobody with a labelled keypoint; there is nothing to measure against")
    return Annotations(content, files, people)


def _labelled(annotation: Mapping[str, Any], where: str) -> Labelled | None:
    if annotation.get("iscrowd", 0) or not any(annotation.get("keypoints", ())[2::3]):
        return None
    keypoints = np.array(annotation["keypoints"], np.float64)
    if keypoints.size != 3 * KEYPOINTS:
        raise EvaluationError(
            f"{where} needs {KEYPOINTS} keypoints of three numbers each, got {keypoints.size} numbers"
        )
    area = float(annotation["area"])
    if not (np.isfinite(keypoints).all() and area > 0):
        raise EvaluationError(f"{where} needs finite keypoints and an area > 0, got area {area}")
    return Labelled(keypoints.reshape(KEYPOINTS, 3), area)
