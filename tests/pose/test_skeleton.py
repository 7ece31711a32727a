from __future__ import annotations

import pytest

from sidecar.pose.oks import BLAZEPOSE_TO_COCO
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17, Skeleton


@pytest.mark.parametrize(("skeleton", "count"), [(BLAZEPOSE_33, 33), (COCO_17, 17)], ids=lambda value: str(value)[:30])
def test_names_are_distinct_and_bones_join_two_of_them(skeleton: Skeleton, count: int) -> None:
    assert len(skeleton.keypoints) == len(set(skeleton.keypoints)) == count
    assert len(skeleton.edges) == len(set(skeleton.edges))
    assert all(0 <= a < count and 0 <= b < count and a != b for a, b in skeleton.edges)


def test_the_coco_rows_of_blazepose_have_the_same_names() -> None:
    assert tuple(BLAZEPOSE_33.keypoints[row] for row in BLAZEPOSE_TO_COCO) == COCO_17.keypoints


def test_an_unknown_keypoint_has_no_index() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        COCO_17.index("tail")
