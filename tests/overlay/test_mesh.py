from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.overlay.mesh import draw_meshes
from sidecar.overlay.palette import identity_colour
from sidecar.pose.body import Body
from sidecar.pose.person import Person

WIDTH, HEIGHT, FOCAL = 200, 160, 400.0
GREY = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)


def sphere(radius: float, steps: int = 24) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Vertices, and triangles counter-clockwise seen from outside, in the camera's frame."""
    height, turn = np.meshgrid(np.linspace(0, np.pi, steps), np.linspace(0, 2 * np.pi, steps), indexing="ij")
    points = np.stack([np.sin(height) * np.cos(turn), np.sin(height) * np.sin(turn), np.cos(height)], axis=-1)
    rows, columns = (part.ravel() for part in np.mgrid[0 : steps - 1, 0 : steps - 1])
    a, b = rows * steps + columns, (rows + 1) * steps + columns
    faces = np.concatenate([np.stack([a, b, b + 1], axis=1), np.stack([a, b + 1, a + 1], axis=1)])
    return (radius * points.reshape(-1, 3)).astype(np.float32), faces.astype(np.uint32)


BALL, FACES = sphere(0.4)


def person(x: float = 0.0, y: float = 0.0, z: float = 4.0, **changes: Any) -> Person:
    fields: dict[str, Any] = {
        "global_orient": np.eye(3, dtype=np.float32),
        "body_pose": np.tile(np.eye(3, dtype=np.float32), (23, 1, 1)),
        "betas": np.zeros(10, np.float32),
        "translation": np.array([x, y, z], np.float32),
        "focal_px": FOCAL,
        "vertices": BALL,
    }
    identity = changes.pop("id", None)
    body = Body(**{**fields, **changes})
    return Person(np.zeros((44, 4), np.float32), 0.9, id=identity, body=body)


def covered(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((image != GREY).any(axis=2))


def test_a_ball_covers_the_disc_that_it_is_seen_as() -> None:
    drawn = draw_meshes(GREY, [person(0.2, -0.1)], FACES)
    rows, columns = np.nonzero(covered(drawn))
    assert columns.mean() + 0.5 == pytest.approx(WIDTH / 2 + FOCAL * 0.2 / 4, abs=0.5)
    assert rows.mean() + 0.5 == pytest.approx(HEIGHT / 2 - FOCAL * 0.1 / 4, abs=0.5)
    assert len(rows) == pytest.approx(np.pi * (FOCAL * 0.4 / 4) ** 2, rel=0.05)


def test_it_is_lit_from_the_left_above() -> None:
    drawn = draw_meshes(GREY, [person()], FACES, opacity=1).astype(int).sum(axis=2)
    assert drawn[HEIGHT // 2 - 22, WIDTH // 2 - 18] > 1.5 * drawn[HEIGHT // 2 + 24, WIDTH // 2 + 20]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_whoever_is_nearer_is_in_front(order: tuple[int, int]) -> None:
    two = [person(z=4, id=1), person(z=3, id=2)]
    drawn = draw_meshes(GREY, [two[index] for index in order], FACES, opacity=1)
    middle = drawn[HEIGHT // 2, WIDTH // 2].astype(float)
    wanted = np.array(identity_colour(2), float)
    assert middle / middle.max() == pytest.approx(wanted / wanted.max(), abs=0.02)


def test_the_picture_shows_through_as_asked() -> None:
    solid, half, none = (draw_meshes(GREY, [person()], FACES, opacity=share) for share in (1.0, 0.5, 0.0))
    np.testing.assert_array_equal(none, GREY)
    np.testing.assert_allclose(half.astype(float), (solid.astype(float) + GREY) / 2, atol=1)


def test_the_picture_itself_is_left_alone() -> None:
    before = GREY.copy()
    drawn = draw_meshes(GREY, [person()], FACES)
    np.testing.assert_array_equal(GREY, before)
    assert drawn is not GREY


@pytest.mark.parametrize(
    "who",
    [
        pytest.param(person(z=-4), id="behind the camera"),
        pytest.param(person(z=0.1), id="around the lens"),
        pytest.param(person(x=100), id="beside the picture"),
        pytest.param(person(x=1e9, z=1.0), id="far beside the picture"),
        pytest.param(person(vertices=None), id="without vertices"),
        pytest.param(Person(np.zeros((44, 4), np.float32), 0.9), id="without a body"),
    ],
)
def test_who_cannot_be_seen_is_not_drawn(who: Person) -> None:
    np.testing.assert_array_equal(draw_meshes(GREY, [who], FACES), GREY)


def test_a_body_turned_inside_out_shows_its_far_side_only() -> None:
    """Triangles that look away are left out, so of a ball turned inside out the back is seen."""
    drawn = draw_meshes(GREY, [person()], FACES[:, ::-1], opacity=1).astype(int).sum(axis=2)
    assert drawn[HEIGHT // 2 + 24, WIDTH // 2 + 20] > drawn[HEIGHT // 2 - 22, WIDTH // 2 - 18]


def test_nobody_and_no_triangles_draw_nothing() -> None:
    np.testing.assert_array_equal(draw_meshes(GREY, [], FACES), GREY)
    np.testing.assert_array_equal(draw_meshes(GREY, [person()], np.zeros((0, 3), np.uint32)), GREY)


def test_faces_of_another_body_are_named() -> None:
    with pytest.raises(ValueError, match="faces point to vertex 576 of a body of 576"):
        draw_meshes(GREY, [person()], np.array([[0, 1, 576]], np.uint32))
