"""Finding people frame by frame: follow one person as MediaPipe does, or look at every frame afresh."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from sidecar.estimators.protocol import CancelToken, Estimator, Image
from sidecar.finding.appearance import colours
from sidecar.finding.pose_filter import PoseFilter
from sidecar.finding.proportions import body_rows
from sidecar.pose.person import Person
from sidecar.pose.region import Region


class PeopleFinder(Protocol):
    """Finds the people of consecutive frames. What it remembers, it remembers of the frames it was given."""

    warm_up_frames: int  # frames after which a new finder and one that has long been running agree

    def find(self, image: Image, *, time_ns: int) -> list[Person]:
        """The people of the next frame, without ids. `time_ns` > 0 grows from frame to frame."""


class RegionTracker:
    """MediaPipe's video mode for one person: look where the last frame points to, smooth, and detect when lost.

    The region of a frame comes from the smoothed person of the frame before, and the detector rests meanwhile. When
    the score there falls below the threshold the frame has nobody, the filters start afresh, and the detector looks
    in the next frame.
    """

    # Visibility, the slowest average (alpha 0.1), then holds 0.9 ** 16 = 19 % of what it started with.
    warm_up_frames = 16

    def __init__(self, estimator: Estimator, *, min_score: float, cancel: CancelToken | None = None) -> None:
        self._estimator = estimator
        self._min_score = min_score
        self._cancel = cancel
        self._region: Region | None = None
        self._filter = PoseFilter()

    def find(self, image: Image, *, time_ns: int) -> list[Person]:
        """See `PeopleFinder.find`: one person, or none."""
        regions = None if self._region is None else [[self._region]]
        people = self._estimator.estimate([image], regions=regions, min_score=self._min_score, cancel=self._cancel)[0]
        if not people or people[0].region is None:
            self._region = None
            self._filter = PoseFilter()
            return people[:1]
        person = self._filter.apply(people[0], time_ns=time_ns)
        self._region = person.region
        return [person]


class EveryFrame:
    """The estimator's own detector on each frame, for any number of people; no memory and no smoothing."""

    warm_up_frames = 0

    def __init__(self, estimator: Estimator, *, min_score: float, cancel: CancelToken | None = None) -> None:
        self._estimator = estimator
        self._rows = body_rows(estimator.info.skeleton)
        self._shape = len(estimator.info.skeleton.keypoints), 4
        self._min_score = min_score
        self._cancel = cancel

    def find(self, image: Image, *, time_ns: int) -> list[Person]:
        """See `PeopleFinder.find`. The time makes no difference."""
        people = self._estimator.estimate([image], min_score=self._min_score, cancel=self._cancel)[0]
        return [self._with_colours(image, one) for one in people]

    def _with_colours(self, image: Image, person: Person) -> Person:
        """Broken numbers have none; whoever takes people tells of them."""
        sound = person.keypoints.shape == self._shape and bool(np.isfinite(person.keypoints).all())
        if self._rows is None or not sound:
            return person
        return replace(person, colours=colours(image, person, self._rows))
