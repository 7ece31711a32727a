"""Which finder suits an estimator and an effort."""

from __future__ import annotations

import math
from dataclasses import replace

from sidecar.estimators.proposing import Proposer
from sidecar.estimators.protocol import CancelToken, Estimator
from sidecar.finding.effort import DEFAULT_EFFORT, FAST, FAST_EACH, THOROUGH, THOROUGH_EACH, EffortName
from sidecar.finding.everybody import Everybody
from sidecar.finding.frame_by_frame import FrameByFrame
from sidecar.finding.one_person import OnePerson
from sidecar.finding.protocol import SegmentFinder
from sidecar.finding.video_mode import EveryFrame, RegionTracker

_ONE = {"thorough": THOROUGH, "fast": FAST}
_EACH = {"thorough": THOROUGH_EACH, "fast": FAST_EACH}


def finder_for(
    estimator: Estimator,
    *,
    effort: EffortName = DEFAULT_EFFORT,
    min_score: float,
    max_gap_s: float = math.inf,
    cancel: CancelToken | None = None,
) -> SegmentFinder:
    """The finder for an estimator.

    One that proposes regions is given the work that the effort allows. Any other, and every one with effort
    `mediapipe`, is followed as MediaPipe follows a single person where it says that it finds one, or asked about
    every frame.

    Args:
        estimator: finds people in images.
        effort: how much work a frame may cost.
        min_score: a person must score this much in some frame of a segment.
        max_gap_s: the longest gap that is interpolated afterwards: no effort leaves more out.
        cancel: asked between looks.
    """
    if effort != "mediapipe" and isinstance(estimator, Proposer):
        if estimator.info.follows_one_person:
            one = _ONE[effort]
            one = replace(one, skip_s=min(one.skip_s, max_gap_s))
            return OnePerson(estimator, one, min_score=min_score, cancel=cancel)
        return Everybody(estimator, _EACH[effort], min_score=min_score, cancel=cancel)
    if estimator.info.follows_one_person:
        return FrameByFrame(
            lambda: RegionTracker(estimator, min_score=min_score, cancel=cancel), RegionTracker.warm_up_frames
        )
    return FrameByFrame(lambda: EveryFrame(estimator, min_score=min_score, cancel=cancel), EveryFrame.warm_up_frames)
