"""The clips made harder, as `bench.variants` tells: frames on the rider, poses elsewhere, phantoms of who is hidden."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.figures import at_least, at_most
from bench.tracking import FPS, assembled
from bench.variants import LURES, VARIANTS, Clip, Image, clip_of
from sidecar.estimators import registry
from sidecar.estimators.proposing import Proposal, Proposer
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, LoadContext
from sidecar.finding.choose import finder_for
from sidecar.finding.effort import EffortName
from sidecar.finding.gaze import ProposingEstimator
from sidecar.finding.overlap import box_overlap
from sidecar.finding.protocol import Sighting
from sidecar.media.video_reader import open_video
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.video.plan import segments

SHARED = Path(__file__).resolve().parents[2] / "shared"
CLIPS = ("dryslope", "kicker", "grab")
OBSERVED = ("detected", "low_score")
ON_PERSON = 0.3  # overlap, as ../shared/peers/on_person.py counts
ON_PERSON_MIN, ELSEWHERE_MAX, PHANTOMS_MAX = 0.95, 0.01, 0.02
CONFIGURATIONS: dict[str, tuple[str, EffortName]] = {
    "thorough": ("none", "thorough"),
    "fast": ("none", "fast"),
    "detector": ("rtmdet-nano", "thorough"),
}


def measure() -> dict[str, Any]:
    """Every variant once: nothing here depends on chance."""
    fixtures = SHARED / "fixtures"
    if not fixtures.is_dir():
        raise SystemExit(f"{fixtures} is missing: the variants are made of the clips there")
    boxes = json.loads((fixtures / "golden" / "rtmdet_boxes.json").read_text(encoding="utf-8"))
    images = {name: _images(str(fixtures / "clips" / f"{name}.mp4")) for name in CLIPS}
    lures = [images[name][frame][y : y + side, x : x + side] for name, frame, x, y, side in LURES]
    rows = []
    for configuration, (detector, effort) in CONFIGURATIONS.items():
        estimator = _Counted(_load(detector))
        for variant, make in VARIANTS.items():
            tally: Counter[str] = Counter()
            for name in CLIPS:
                clip = make(clip_of(images[name], boxes[f"{name}.mp4"]), lures)
                estimator.calls = 0
                tally += _count(assembled(_find(estimator, clip.images, effort)), clip)
                tally["calls"] += estimator.calls
            rows.append({"configuration": configuration, "variant": variant, **tally})
            print(f"  {configuration}, {variant}: {dict(tally)}", flush=True)
    return {"rows": rows, "targets": [target for row in rows for target in _targets(row)]}


def _targets(row: dict[str, Any]) -> list[dict[str, object]]:
    what, seen = f"{row['configuration']}, {row['variant']}", row["frames"] - row.get("hidden", 0)
    targets = [
        at_least(f"{what}: on the rider", row["on_person"] / seen, ON_PERSON_MIN, "of frames"),
        at_most(f"{what}: persons elsewhere", row.get("persons_elsewhere", 0) / seen, ELSEWHERE_MAX, "of frames"),
    ]
    if "hidden" in row:
        phantoms = row.get("phantoms", 0) / row["hidden"]
        targets.append(at_most(f"{what}: phantoms", phantoms, PHANTOMS_MAX, "of the frames without the rider"))
    return targets


def _count(found: Sequence[Sequence[Person]], clip: Clip) -> Counter[str]:
    tally = Counter(frames=len(found))
    for index, people in enumerate(found):
        tally["observed"] += any(person.provenance in OBSERVED for person in people)
        if index in clip.hidden:
            tally["hidden"] += 1
            tally["phantoms"] += any(person.provenance in OBSERVED for person in people)
            continue
        hits = [_on(clip.as_it_was(index, person.keypoints[:, :2]), clip, index) for person in people]
        tally["on_person"] += any(hits)
        tally["persons_elsewhere"] += hits.count(False)
    return tally


def _on(points: NDArray[np.float32], clip: Clip, index: int) -> bool:
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    hull = float(x1), float(y1), float(x2), float(y2)
    return any(box_overlap(hull, (box[0], box[1], box[2], box[3])) >= ON_PERSON for box in clip.boxes[index].tolist())


def _find(estimator: ProposingEstimator, images: Sequence[Image], effort: EffortName) -> list[list[Person]]:
    """The people of every frame, segment by segment as a video is cut."""
    found: list[list[Person]] = []
    finder = finder_for(estimator, effort=effort, min_score=0.5)
    for segment in segments(len(images), warm_up_frames=finder.warm_up_frames):
        stop = min(len(images), segment.stop + finder.look_ahead_frames)
        frames = (Sighting(i, (i + 1) * 10**9 // FPS, images[i]) for i in range(segment.first_needed, stop))
        found += [people for _, people in finder.find(frames, start=segment.start, stop=segment.stop)]
    return found


class _Counted:
    """An estimator, and how many networks it has run."""

    def __init__(self, estimator: ProposingEstimator) -> None:
        self._estimator = estimator
        self.calls = 0

    @property
    def info(self) -> EstimatorInfo:
        return self._estimator.info

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        self.calls += 1
        return self._estimator.estimate(images, regions=regions, min_score=min_score, cancel=cancel)

    def propose(self, image: Image, window: Region | None = None, *, min_score: float) -> list[Proposal]:
        self.calls += 1
        return self._estimator.propose(image, window, min_score=min_score)

    def close(self) -> None:
        self._estimator.close()


def _images(path: str) -> list[Image]:
    with open_video(path) as reader:
        return [frame.image for frame in reader]


def _load(detector: str) -> ProposingEstimator:
    estimator = registry.spec("blazepose").create(
        LoadContext(options={"detector": detector}, threads=1, cache_dir=None)
    )
    assert isinstance(estimator, Proposer)
    return estimator
