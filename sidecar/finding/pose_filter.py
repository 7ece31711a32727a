"""Smoothing one person through time with the constants of MediaPipe's video mode (its legacy pose graph)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.blazepose.geometry import points_from_region, region_from_points
from sidecar.finding.one_euro import Exponential, OneEuro
from sidecar.pose.person import Person
from sidecar.pose.region import Region

VISIBILITY_ALPHA = 0.1
REGION_EXPANSION = 1.25  # a region's side over the length it was measured from
MIN_OBJECT_SIDE_PX = 1e-6  # smaller objects pass unfiltered


class PoseFilter:
    """Smooths keypoints, world keypoints, visibility and the next region of one person from frame to frame."""

    def __init__(self) -> None:
        self._keypoints = OneEuro(min_cutoff_hz=0.05, beta=80.0)
        self._region = OneEuro(min_cutoff_hz=0.01, beta=10.0)
        self._world = OneEuro(min_cutoff_hz=0.1, beta=40.0)
        self._visibility = Exponential()

    def apply(self, person: Person, *, time_ns: int) -> Person:
        """The person of the next frame, smoothed.

        Args:
            person: as the estimator found it, with its region.
            time_ns: time stamp, > 0; filters assume that it grows.
        """
        assert person.region is not None
        keypoints: NDArray[np.float32] = person.keypoints.copy()
        keypoints[:, 3] = self._visibility.apply(person.keypoints[:, 3], VISIBILITY_ALPHA)
        region: Region | None = person.region
        side_px = person.region.size / REGION_EXPANSION  # of the unfiltered person
        if side_px >= MIN_OBJECT_SIDE_PX:
            scale = 1.0 / side_px
            keypoints[:, :3] = self._keypoints.apply(person.keypoints[:, :3], time_ns=time_ns, value_scale=scale)
            points = np.array(points_from_region(person.region), np.float32)
            centre, tip = self._region.apply(points, time_ns=time_ns, value_scale=scale).tolist()
            region = region_from_points(centre, tip)
        world = person.keypoints_world
        if world is not None:
            world = self._world.apply(world, time_ns=time_ns)
        return replace(person, keypoints=keypoints, keypoints_world=world, region=region)
