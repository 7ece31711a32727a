from __future__ import annotations

import numpy as np
import pytest

from sidecar.pose.body import Body
from sidecar.smpl.filling import between, one_shape
from tests.smpl.makers import rotations


def body(seed: int, **changes: object) -> Body:
    turns = rotations(24, seed=seed).astype(np.float32)
    chance = np.random.default_rng(seed)
    fields: dict[str, object] = {
        "global_orient": turns[0],
        "body_pose": turns[1:],
        "betas": chance.normal(size=10).astype(np.float32),
        "translation": np.array([0, 0, 5 + seed], np.float32),
        "focal_px": 5000.0,
        "vertices": np.zeros((4, 3), np.float32),
        **changes,
    }
    return Body(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "end"), [(0.0, 1), (1.0, 2)])
def test_the_ends_are_what_was_seen(share: float, end: int) -> None:
    found, wanted = between(body(1), body(2), share), body(end)
    for name in ("global_orient", "body_pose", "betas", "translation"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), atol=1e-6)
    assert found.vertices is None


def test_half_way_is_as_far_from_both() -> None:
    found = between(body(1), body(2), 0.5)
    for name in ("global_orient", "body_pose"):
        middle = getattr(found, name)
        cosines = [np.einsum("...ij,...ij", middle, getattr(seen, name)) for seen in (body(1), body(2))]
        np.testing.assert_allclose(cosines[0], cosines[1], atol=1e-4)
    assert found.translation.tolist() == [0, 0, 6.5]
    assert found.global_orient.dtype == found.betas.dtype == np.float32


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_nothing_is_told_beyond_the_ends(share: float) -> None:
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\]"):
        between(body(1), body(2), share)


def test_a_person_keeps_one_shape_that_a_bad_frame_cannot_pull() -> None:
    said = np.array([[0.0] * 10, [90.0] * 10, [1.0] * 10], np.float32)
    assert one_shape(said).tolist() == [1.0] * 10
    assert one_shape(said).dtype == np.float32


@pytest.mark.parametrize("said", [np.zeros((0, 10)), np.zeros(10)])
def test_of_nobody_there_is_no_shape(said: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        one_shape(said)
