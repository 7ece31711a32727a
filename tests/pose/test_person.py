from __future__ import annotations

import numpy as np
import pytest

from sidecar.pose.person import Person, observed


@pytest.mark.parametrize(
    ("score", "expected"), [(1.0, "detected"), (0.5, "detected"), (0.4999, "low_score"), (0.0, "low_score")]
)
def test_provenance_of_a_networks_own_output_follows_its_score(score: float, expected: str) -> None:
    assert observed(score) == expected


def test_the_box_is_the_unclipped_hull_of_the_keypoints() -> None:
    keypoints = np.array([[-5, 10, 0, 1], [700, 2, 9, 0], [3, 480, -9, 1]], np.float32)
    assert Person(keypoints=keypoints, score=1.0).bbox_xyxy == (-5.0, 2.0, 700.0, 480.0)
