"""How well people of a video fit the truth of its scene: who is who, and where the joints are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sidecar.mannequin.truth import TruthPerson
from sidecar.pose.person import Person
from sidecar.pose.skeleton import BLAZEPOSE_33

LIMBS = [
    BLAZEPOSE_33.index(f"{side}_{joint}")
    for side in ("left", "right")
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
]
SHOULDERS, HIPS = (
    [BLAZEPOSE_33.index(f"{side}_{joint}") for side in ("left", "right")] for joint in ("shoulder", "hip")
)
MIN_OVERLAP = 0.5  # of boxes, as MOT benchmarks take it
MIN_SEEN = 1 / 3  # of the limbs' joints: whoever shows less counts neither as missed nor as found
NEAR_TORSOS = 0.2  # a joint so near to the truth is right


@dataclass(frozen=True, slots=True)
class IdentityScore:
    """IDF1 (Ristani et al., ECCV Workshops 2016) and what it is made of.

    Attributes:
        idf1: 2 TP / (2 TP + FP + FN) under the best pairing of ids.
        right: truth's id for each id; ids without a partner are absent.
        ids: how many ids there were.
    """

    idf1: float
    right: dict[int, int]
    ids: int


def identity_score(
    frames: Sequence[Sequence[Person]],
    truths: Sequence[Sequence[TruthPerson]],
    *,
    by_place: bool = False,
    min_seen: float = 0.0,
) -> IdentityScore:
    """Who is who over a video.

    Args:
        frames: the people of every frame, with ids.
        truths: of the same frames.
        by_place: a person fits within half a torso of the truth's torso, instead of by MIN_OVERLAP of boxes.
        min_seen: share of limb joints in sight from which somebody counts; below it, to be there is neither right
            nor wrong.
    """
    if min_seen > 0:
        right = identity_score(frames, truths, by_place=by_place).right
        pairs = [_in_sight(*pair, right, min_seen) for pair in zip(frames, truths, strict=True)]
        frames, truths = [people for people, _ in pairs], [truth for _, truth in pairs]
    together: Counter[tuple[int, int]] = Counter()
    expected = Counter(one.id for truth in truths for one in truth)
    given = Counter(_id(person) for people in frames for person in people)
    for people, truth in zip(frames, truths, strict=True):
        fitting = ((one, person) for one in truth for person in people if _fits(person, one, by_place=by_place))
        together.update((one.id, _id(person)) for one, person in fitting)
    theirs, ours = sorted(expected), sorted(given)
    if not theirs or not ours:
        return IdentityScore(1.0 if not theirs and not ours else 0.0, {}, len(ours))
    counts = np.array([[together[one, other] for other in ours] for one in theirs])
    rows, columns = linear_sum_assignment(counts, maximize=True)
    right = {ours[c]: theirs[r] for r, c in zip(rows.tolist(), columns.tolist(), strict=True) if counts[r, c]}
    found = int(counts[rows, columns].sum())
    return IdentityScore(2 * found / (expected.total() + given.total()), right, len(ours))


def _in_sight(
    people: Sequence[Person], truth: Sequence[TruthPerson], right: dict[int, int], min_seen: float
) -> tuple[list[Person], list[TruthPerson]]:
    hidden = {one.id for one in truth if one.visible[LIMBS].mean() < min_seen}
    return (
        [person for person in people if right.get(_id(person)) not in hidden],
        [one for one in truth if one.id not in hidden],
    )


def _id(person: Person) -> int:
    assert person.id is not None
    return person.id


def correct_keypoints(
    frames: Sequence[Sequence[Person]],
    truths: Sequence[Sequence[TruthPerson]],
    right: dict[int, int],
    *,
    hidden: bool = False,
) -> float:
    """PCK over a video: the share of limb joints within NEAR_TORSOS of the truth, under the pairing of ids.

    Joints of people who are missing are wrong. Joints that no eye can see count only with `hidden`.
    """
    hits: list[NDArray[np.bool_]] = []
    for people, truth in zip(frames, truths, strict=True):
        known = {right.get(_id(person)): person for person in people}
        for one in truth:
            person = known.get(one.id)
            near = np.zeros(len(LIMBS), bool)
            if person is not None:
                near = limb_distances(person.keypoints[:, :2], one) <= NEAR_TORSOS
            hits.append(near[one.visible[LIMBS] | hidden])
    return float(np.concatenate(hits).mean())


def limb_distances(points: NDArray[np.floating], truth: TruthPerson) -> NDArray[np.float64]:
    """Of the limb joints (12,) from the truth, in torso lengths; `points` is (33, 2)."""
    return np.asarray(np.linalg.norm(points[LIMBS] - truth.joints2d[LIMBS], axis=1) / torso_px(truth))


def torso_px(truth: TruthPerson) -> float:
    """From the middle of the shoulders to that of the hips, px."""
    points = truth.joints2d
    return float(np.linalg.norm(points[SHOULDERS].mean(axis=0) - points[HIPS].mean(axis=0)))


def _fits(person: Person, truth: TruthPerson, *, by_place: bool) -> bool:
    if by_place:
        torso = SHOULDERS + HIPS
        away = person.keypoints[torso, :2].mean(axis=0) - truth.joints2d[torso].mean(axis=0)
        return float(np.linalg.norm(away)) <= torso_px(truth) / 2
    ax0, ay0, ax1, ay1 = person.bbox_xyxy
    bx0, by0, bx1, by1 = truth.bbox_xyxy
    shared = max(0.0, min(ax1, bx1) - max(ax0, bx0)) * max(0.0, min(ay1, by1) - max(ay0, by0))
    union = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - shared
    return shared >= MIN_OVERLAP * union
