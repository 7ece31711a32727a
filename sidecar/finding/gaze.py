"""Looking at pictures with an estimator: in pixels of the frame, judged, and within a budget of looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from sidecar.estimators.proposing import Proposal, Proposer
from sidecar.estimators.protocol import CancelToken, Estimator
from sidecar.finding.album import Picture
from sidecar.finding.appearance import colours
from sidecar.finding.belief import belief, steadiness
from sidecar.finding.effort import Effort
from sidecar.finding.proportions import body_rows
from sidecar.finding.trail import Look
from sidecar.pose.person import LOW_SCORE_MIN, Person
from sidecar.pose.region import Region

RESERVE = 6.0  # looks that following leaves for asking the detector whether it follows the right thing


class ProposingEstimator(Estimator, Proposer, Protocol):
    """An estimator that reads regions and proposes them."""


class Gaze:
    """Reads and proposes regions, and pays for each from savings that grow with every frame.

    Savings are counted in looks, so that results depend on no clock.
    """

    def __init__(self, estimator: ProposingEstimator, effort: Effort, *, cancel: CancelToken | None = None) -> None:
        self._estimator = estimator
        self._effort = effort
        self._cancel = cancel
        self._rows = body_rows(estimator.info.skeleton)
        self._savings = effort.savings
        self._left = 0.0

    def next_frame(self) -> None:
        """Turn to a new frame."""
        self._savings += self._effort.allowance
        self.turn_to_next_frame()

    def turn_to_next_frame(self) -> None:
        """Turn to another frame of those that were paid for."""
        self.turn_to_frame(self._effort.looks_at_once, reserve=RESERVE)

    def turn_to_frame(self, looks: int, *, reserve: float = 0.0) -> None:
        """Turn to a frame, for so many looks at most, and leave some of the savings."""
        self._left = min(looks, self._savings - reserve)

    def save(self, looks: float) -> None:
        """Add to the savings."""
        self._savings += looks

    def may_look(self, looks: int = 1) -> bool:
        """Whether so much is left for this frame. The first look at a followed person need not ask."""
        return self._left >= looks

    def may_read(self) -> bool:
        """Whether the savings are worth a look."""
        return self._savings >= 1

    def _pay(self) -> None:
        self._left -= 1
        self._savings -= 1

    def read(self, picture: Picture, region: Region) -> Look | None:
        """The person in a region, as far as it can be believed; None where nobody scores LOW_SCORE_MIN."""
        self._pay()
        people = self._estimator.estimate(
            [picture.image],
            regions=[[_scaled(region, picture.scale)]],
            min_score=LOW_SCORE_MIN,
            cancel=self._cancel,
        )[0]
        if not people or people[0].region is None:
            return None
        seen = None if self._rows is None else colours(picture.image, people[0], self._rows)
        person = replace(_enlarged(people[0], 1 / picture.scale), colours=seen)
        worth = belief(person, width=picture.width, height=picture.height, rows=self._rows)
        return Look(person, worth)

    def settle(self, picture: Picture, region: Region, *, looks: int) -> Look | None:
        """Read a region, then where each look led to until one leads nowhere else; worth less if none does."""
        look, looked = None, region
        for number in range(looks):
            look = self.read(picture, looked)
            if look is None:
                return None
            if number > 0 and steadiness(looked, look.region) == 1:
                break
            if number < looks - 1:
                looked = look.region
        assert look is not None
        return replace(look, worth=look.worth * steadiness(looked, look.region))

    def propose(self, picture: Picture, window: Region | None, *, min_score: float) -> Iterator[Proposal]:
        """Where a person may be, most certain first."""
        self._pay()
        if self._cancel is not None:
            self._cancel.raise_if_cancelled()
        seen = None if window is None else _scaled(window, picture.scale)
        for proposal in self._estimator.propose(picture.image, seen, min_score=min_score):
            box = proposal.bbox_xyxy
            if box is not None:
                x1, y1, x2, y2 = (value / picture.scale for value in box)
                box = (x1, y1, x2, y2)
            yield Proposal(_scaled(proposal.region, 1 / picture.scale), proposal.score, box)


def _scaled(region: Region, scale: float) -> Region:
    if scale == 1:
        return region
    return Region(region.cx * scale, region.cy * scale, region.size * scale, region.rotation)


def _enlarged(person: Person, scale: float) -> Person:
    """The person in pixels of the frame, found in one's that are `scale` times as large."""
    person = replace(person, region_index=None)
    if scale == 1 or person.region is None:
        return person
    keypoints = person.keypoints * np.array([scale, scale, scale, 1], np.float32)
    return replace(person, keypoints=keypoints, region=_scaled(person.region, scale))
