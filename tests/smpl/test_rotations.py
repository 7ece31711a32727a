from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from sidecar.smpl import rotations as ours
from tests.smpl.makers import rotations

RANDOM = Rotation.random(200, random_state=3)
HARD = Rotation.from_rotvec(
    [[0, 0, 0], [1e-9, 0, 0], [0, 1e-4, 0], [np.pi, 0, 0], [0, -np.pi, 0], [0, 0, np.pi - 1e-7], [2.2, 2.2, 0.1]]
)
BOTH = pytest.mark.parametrize("known", [RANDOM, HARD], ids=["random", "hard"])


@BOTH
def test_axis_angle_agrees_with_scipy(known: Rotation) -> None:
    np.testing.assert_allclose(ours.from_axis_angle(known.as_rotvec()), known.as_matrix(), atol=1e-7)
    back = Rotation.from_rotvec(ours.to_axis_angle(known.as_matrix()))
    np.testing.assert_allclose((known.inv() * back).magnitude(), 0, atol=1e-7)
    assert np.linalg.norm(ours.to_axis_angle(known.as_matrix()), axis=1).max() <= np.pi + 1e-12


@BOTH
def test_quaternions_agree_with_scipy(known: Rotation) -> None:
    wanted = known.as_quat(scalar_first=True)
    found = ours.to_quaternion(known.as_matrix())
    np.testing.assert_allclose(np.abs((found * wanted).sum(axis=1)), 1, atol=1e-12)
    np.testing.assert_allclose(ours.from_quaternion(found), known.as_matrix(), atol=1e-12)
    np.testing.assert_allclose(ours.from_quaternion(-3 * found), known.as_matrix(), atol=1e-12)


def test_six_numbers_are_two_columns_after_another() -> None:
    matrix = ours.from_six(np.array([1.0, 2, 3, 4, 5, 7]))
    first = np.array([1, 2, 3]) / np.sqrt(14)
    second = np.array([4, 5, 7]) - first * (first @ [4, 5, 7])
    second /= np.sqrt(second @ second)
    np.testing.assert_allclose(matrix, np.column_stack([first, second, np.cross(first, second)]), atol=1e-12)
    interleaved = ours.from_six(np.array([1.0, 2, 3, 4, 5, 7])[[0, 2, 4, 1, 3, 5]])
    assert np.abs(interleaved - matrix).max() > 0.1, "SPIN's layout is another rotation"


def test_six_numbers_give_rotations_and_come_back() -> None:
    numbers = np.random.default_rng(1).normal(size=(5, 24, 6)) * [1, 1, 1, 9, 9, 9]
    matrices = ours.from_six(numbers)
    np.testing.assert_allclose(
        matrices @ np.swapaxes(matrices, -1, -2), np.broadcast_to(np.eye(3), (5, 24, 3, 3)), atol=1e-9
    )
    np.testing.assert_allclose(np.linalg.det(matrices), 1, atol=1e-9)
    np.testing.assert_allclose(ours.from_six(ours.to_six(matrices)), matrices, atol=1e-12)


@pytest.mark.parametrize("numbers", [np.zeros(6), np.array([1.0, 0, 0, 2, 0, 0])], ids=["zeros", "parallel columns"])
def test_six_numbers_without_a_meaning_stay_finite(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    assert np.isfinite(ours.from_six(numbers)).all()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_slerp_agrees_with_scipy(share: float) -> None:
    start, end = rotations(100, seed=5), rotations(100, seed=6)
    found = ours.slerp(start, end, share)
    for one, other, between in zip(start, end, found, strict=True):
        wanted = Slerp([0, 1], Rotation.from_matrix(np.stack([one, other])))(share).as_matrix()
        np.testing.assert_allclose(between, wanted, atol=1e-7)


def test_slerp_of_what_hardly_differs_is_smooth() -> None:
    start = rotations(20)
    small = Rotation.from_rotvec(np.random.default_rng(3).normal(size=(20, 3)) * 1e-6).as_matrix()
    found = ours.slerp(start, start @ small, 0.5)
    turned = Rotation.from_matrix(np.swapaxes(start, 1, 2) @ found).magnitude()
    np.testing.assert_allclose(turned, Rotation.from_matrix(small).magnitude() / 2, atol=1e-9)


def test_slerp_of_opposites_is_half_way() -> None:
    half = ours.slerp(np.eye(3), Rotation.from_rotvec([0, np.pi, 0]).as_matrix(), 0.5)
    assert Rotation.from_matrix(half).magnitude() == pytest.approx(np.pi / 2)
