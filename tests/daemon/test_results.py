"""People as messages: both encodings say the same, and what an estimator may not answer is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sidecar.daemon.errors import RequestError, error_fields
from sidecar.daemon.results import Failed, Found, Outcome, check_people, frames_result, lines_result
from sidecar.pose.person import Person
from sidecar.pose.skeleton import COCO_17
from tests.daemon.makers import make_person

WORLD = np.arange(51, dtype=np.float32).reshape(17, 3) / 100


def arrays(message: dict[str, Any], body: bytes) -> dict[tuple[int | None, str], np.ndarray[Any, Any]]:
    """The arrays of a frame's body, read as a client reads them."""
    found = {}
    for entry in message["arrays"]:
        count = int(np.prod(entry["shape"]))
        array = np.frombuffer(body, "<f4", count, entry["offset"]).reshape(entry["shape"])
        found[entry.get("item"), entry["name"]] = array
    return found


def test_a_frame_and_a_line_hold_the_same_numbers() -> None:
    people = [make_person(keypoints_world=WORLD), make_person(keypoints_world=WORLD * 2, id=3, region_index=1)]
    found = Found(640, 360, people)
    meta, body = frames_result(7, [found], is_batch=False)
    line, nothing = lines_result(7, [found], is_batch=False)
    assert nothing == b""
    assert (meta["type"], meta["id"], meta["width"], meta["height"]) == ("result", 7, 640, 360)
    assert set(line) | {"arrays"} == set(meta)
    held = arrays(meta, body)
    for index, person in enumerate(line["persons"]):
        assert held[None, "keypoints"][index].tolist() == pytest.approx(np.array(person["keypoints"]))
        assert held[None, "keypoints_world"][index].tolist() == pytest.approx(np.array(person["keypoints_world"]))
        assert {key: person[key] for key in meta["persons"][index]} == meta["persons"][index]
    assert line["persons"][0]["id"] is None
    assert "region_index" not in line["persons"][0]
    assert line["persons"][1]["region_index"] == 1
    json.dumps(line, allow_nan=False)


def test_nobody_is_a_result() -> None:
    meta, body = frames_result(1, [Found(4, 2, [])], is_batch=False)
    assert (meta["persons"], meta["arrays"], body) == ([], [], b"")
    line, _ = lines_result(1, [Found(4, 2, [])], is_batch=False)
    assert line["persons"] == []


def test_a_batch_names_the_item_of_each_array() -> None:
    outcomes: list[Outcome] = [
        Found(1, 1, [make_person()]),
        Failed(error_fields("DECODE_FAILED", "no")),
        Found(1, 1, []),
        Found(1, 1, [make_person(), make_person()]),
    ]
    meta, body = frames_result(1, outcomes, is_batch=True)
    assert {key: array.shape for key, array in arrays(meta, body).items()} == {
        (0, "keypoints"): (1, 17, 4),
        (3, "keypoints"): (2, 17, 4),
    }
    line, _ = lines_result(1, outcomes, is_batch=True)
    assert [len(item.get("persons", ())) for item in line["items"]] == [1, 0, 0, 2]
    assert (
        line["items"][1]
        == meta["items"][1]
        == {"error": {"code": "DECODE_FAILED", "message": "no", "hint": None, "retryable": False}}
    )


def test_a_model_without_world_landmarks_has_no_such_array() -> None:
    found = Found(1, 1, [make_person()])
    assert [entry["name"] for entry in frames_result(1, [found], is_batch=False)[0]["arrays"]] == ["keypoints"]
    assert lines_result(1, [found], is_batch=False)[0]["persons"][0]["keypoints_world"] is None


def test_arrays_of_another_type_or_layout_are_turned_into_float32() -> None:
    keypoints = np.asfortranarray(make_person().keypoints.astype(np.float64))
    meta, body = frames_result(1, [Found(1, 1, [make_person(keypoints=keypoints)])], is_batch=False)
    assert arrays(meta, body)[None, "keypoints"][0].tolist() == make_person().keypoints.tolist()


def nan() -> Any:
    keypoints = make_person().keypoints.copy()
    keypoints[3, 1] = np.nan
    return keypoints


WRONG = {
    "NaN": (make_person(keypoints=nan()), "keypoints of person 0 must be finite, got nan"),
    "infinity": (
        make_person(keypoints_world=np.full((17, 3), np.inf, np.float32)),
        "keypoints_world of person 0 must be finite",
    ),
    "too few rows": (make_person(keypoints=np.zeros((3, 4))), r"must have shape \(17, 4\), got \(3, 4\)"),
    "flat": (make_person(keypoints_world=WORLD[:, :2]), r"must have shape \(17, 3\), got \(17, 2\)"),
    "a score over 1": (make_person(score=1.01), r"score of person 0 must be in \[0, 1\], got 1.01"),
    "a score of NaN": (make_person(score=float("nan")), "got nan"),
}


@pytest.mark.parametrize(("person", "words"), WRONG.values(), ids=WRONG)
def test_what_an_estimator_may_not_answer(person: Person, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        check_people([person], COCO_17)
    assert caught.value.code == "INFERENCE_FAILED"
