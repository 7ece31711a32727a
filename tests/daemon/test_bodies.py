"""Bodies in results, W-68 and W-75: arrays on frames, parameters on lines, triangles where they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sidecar.daemon import results
from sidecar.daemon.bodies import EXACT_BELOW, BadBody, faces_array
from sidecar.daemon.errors import RequestError
from sidecar.daemon.estimating import run
from sidecar.daemon.job import Job
from sidecar.daemon.requests import ImageSource
from sidecar.daemon.results import Found, check_people, frames_result, lines_result
from sidecar.pose.body import Body
from sidecar.pose.skeleton import COCO_17
from sidecar.wire.limits import DEFAULT_LIMITS
from tests.daemon.makers import make_person, make_request
from tests.daemon.test_estimating import Scripted
from tests.daemon.test_results import arrays

FACES = np.array([[0, 1, 2], [2, 1, 3]], np.uint32)


def make_body(seed: int = 1, **changes: Any) -> Body:
    chance = np.random.default_rng(seed)
    fields: dict[str, Any] = {
        "global_orient": chance.normal(size=(3, 3)).astype(np.float32),
        "body_pose": chance.normal(size=(23, 3, 3)).astype(np.float32),
        "betas": chance.normal(size=10).astype(np.float32),
        "translation": chance.normal(size=3).astype(np.float32),
        "focal_px": 12500.0,
        "vertices": chance.normal(size=(4, 3)).astype(np.float32),
    }
    return Body(**{**fields, **changes})


def people(*bodies: Body | None) -> Found:
    return Found(640, 360, [make_person(body=body) for body in bodies])


def test_a_frame_carries_the_arrays_of_all_bodies() -> None:
    bodies = [make_body(1), make_body(2, focal_px=7000.0)]
    held = arrays(*frames_result(1, [people(*bodies)], is_batch=False))
    for name, field in (
        ("orient", "global_orient"),
        ("pose", "body_pose"),
        ("betas", "betas"),
        ("vertices", "vertices"),
    ):
        wanted = np.stack([getattr(body, field) for body in bodies])
        np.testing.assert_array_equal(held[None, f"body_{name}"], wanted)
    assert held[None, "body_camera"].tolist() == [[*body.translation.tolist(), body.focal_px] for body in bodies]
    assert (None, "faces") not in held


@pytest.mark.parametrize(
    ("bodies", "names"),
    [
        pytest.param([None], [], id="nobody has one"),
        pytest.param([make_body(), None], [], id="somebody has none"),
        pytest.param([make_body(), make_body(vertices=None)], ["orient", "pose", "betas", "camera"], id="no vertices"),
    ],
)
def test_an_array_is_there_for_all_or_not_at_all(bodies: list[Body | None], names: list[str]) -> None:
    held = arrays(*frames_result(1, [people(*bodies)], is_batch=False))
    assert [name for _, name in held] == ["keypoints", *(f"body_{name}" for name in names)]


def test_a_line_carries_parameters_and_no_mesh() -> None:
    body = make_body()
    line, nothing = lines_result(1, [people(body, None)], is_batch=False, faces=FACES)
    assert nothing == b""
    assert "faces" not in line
    first, second = line["persons"]
    assert "body" not in second
    assert set(first["body"]) == {"global_orient", "body_pose", "betas", "translation", "focal_px"}
    np.testing.assert_allclose(first["body"]["body_pose"], body.body_pose, atol=1e-6)


def test_a_batch_names_the_item_of_a_body_and_of_no_faces() -> None:
    meta, body = frames_result(1, [people(), people(make_body())], is_batch=True, faces=FACES)
    held = arrays(meta, body)
    assert (1, "body_vertices") in held
    assert held[None, "faces"].tolist() == FACES.tolist()


def test_faces_come_where_they_are_asked_for_and_exist() -> None:
    def ask(*, asked: bool, faces: Any) -> list[str]:
        estimator = Scripted(lambda images, _: [[make_person(body=make_body())] for _ in images])
        estimator.info = replace(Scripted.info, faces=faces)
        job = Job(make_request(with_faces=asked, sources=(ImageSource("gray8", 1, 1, 0, None, None),)))
        message, _ = run(job, estimator=estimator, limits=DEFAULT_LIMITS, build_result=results.frames_result)
        return [entry["name"] for entry in message["arrays"]]

    assert "faces" in ask(asked=True, faces=FACES)
    assert "faces" not in ask(asked=False, faces=FACES)
    assert "faces" not in ask(asked=True, faces=None)


def test_indices_that_float32_cannot_hold_are_refused() -> None:
    assert faces_array(np.array([[EXACT_BELOW - 1, 0, 1]], np.uint32))[0, 0] == EXACT_BELOW - 1
    with pytest.raises(BadBody, match=f"below {EXACT_BELOW}"):
        faces_array(np.array([[EXACT_BELOW, 0, 1]], np.uint32))
    assert faces_array(np.zeros((0, 3), np.uint32)).shape == (0, 3)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"global_orient": np.zeros((1, 3, 3))}, "global_orient must have shape (3, 3), got (1, 3, 3)"),
        ({"body_pose": np.zeros((23, 3))}, "body_pose must have shape (any, 3, 3)"),
        ({"betas": np.full(10, np.nan)}, "betas must be finite, got nan"),
        ({"translation": np.array([0, 0, np.inf])}, "translation must be finite, got inf"),
        ({"vertices": np.zeros((4, 4))}, "vertices must have shape (any, 3)"),
        ({"focal_px": 0.0}, "focal_px must be > 0"),
        ({"focal_px": float("nan")}, "focal_px must be > 0"),
    ],
    ids=str,
)
def test_a_body_that_breaks_its_promise_does_not_reach_the_client(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_people(people(make_body(**changes)).persons, COCO_17)
    assert caught.value.code == "INFERENCE_FAILED"
    assert f"body of person 0: {says}" in str(caught.value)
