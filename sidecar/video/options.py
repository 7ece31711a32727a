"""What a caller may choose about a video, resolved; and which of it changes results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sidecar.estimators.protocol import EstimatorInfo
from sidecar.finding.effort import DEFAULT_EFFORT, EffortName
from sidecar.pose.person import LOW_SCORE_MIN
from sidecar.tracking.options import AssembleOptions
from sidecar.video.plan import SEGMENT_FRAMES


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """Every option of one run.

    Attributes:
        estimator: name of the estimator.
        estimator_options: the estimator's own options, `detector` among them.
        min_score: people who never score as much are left out, in [0, 1].
        effort: how much work a frame of a video may cost.
        overlay: draw people into a copy of the source.
        assemble: how people are linked, filled and cleaned; its `min_score` is the one above.
        threads: inference threads, >= 1; results do not depend on it.
    """

    estimator: str = "blazepose"
    estimator_options: Mapping[str, Any] = field(default_factory=dict)
    min_score: float = 0.5
    effort: EffortName = DEFAULT_EFFORT
    overlay: bool = True
    assemble: AssembleOptions = field(default_factory=AssembleOptions)
    threads: int = 1

    @property
    def assembling(self) -> AssembleOptions:
        """How people are linked, filled and cleaned, with this run's `min_score`."""
        return replace(self.assemble, min_score=max(self.min_score, LOW_SCORE_MIN))  # estimators report nobody below

    def result_changing(self, info: EstimatorInfo) -> dict[str, Any]:
        """The options that poses depend on, as plain JSON: part of a result's identity, and of its header."""
        # The detector that is in use stands for itself, whether it was asked for or is the default.
        given = {k: v for k, v in self.estimator_options.items() if k != "detector"}
        return {
            "estimator": info.name,
            "detector": info.detector,
            "estimator_options": given if info.options is None else dict(info.options),
            "min_score": self.assembling.min_score,
            "effort": self.effort,
            "segment_frames": SEGMENT_FRAMES,
            "assemble": self.assembling.plain(),
        }
