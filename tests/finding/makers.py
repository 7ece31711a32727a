"""Pictures with one bright square each, and an estimator that sees bright squares as people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sidecar.estimators.proposing import Proposal
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.finding.protocol import SegmentFinder, Sighting
from sidecar.pose.person import Person, observed
from sidecar.pose.region import Region
from sidecar.pose.skeleton import BLAZEPOSE_33

WIDTH, HEIGHT = 320, 180
FRAME_NS = 33_333_333
SIDE = 80.0  # of the region of everybody here, px

# A frame: what is at (x, y), with which score.
Being = tuple[float, float, float]


def standing(x: float, y: float, *, size: float = SIDE, score: float = 0.95, rotation: float = 0.0) -> Person:
    """Somebody with the proportions of a body, in a region around (x, y)."""
    rows = {
        "nose": (0, -0.3), "left_shoulder": (0.08, -0.2), "right_shoulder": (-0.08, -0.2),
        "left_elbow": (0.1, -0.08), "right_elbow": (-0.1, -0.08),
        "left_wrist": (0.1, 0.03), "right_wrist": (-0.1, 0.03),
        "left_hip": (0.05, 0.02), "right_hip": (-0.05, 0.02), "left_knee": (0.05, 0.18), "right_knee": (-0.05, 0.18),
        "left_ankle": (0.05, 0.34), "right_ankle": (-0.05, 0.34),
    }  # fmt: skip
    points = np.array([rows.get(name, (0, -0.3)) for name in BLAZEPOSE_33.keypoints], np.float32)
    cos, sin = np.cos(rotation), np.sin(rotation)
    turned = points @ np.array([[cos, sin], [-sin, cos]], np.float32)
    keypoints = np.ones((len(points), 4), np.float32)
    keypoints[:, :2] = turned * size + (x, y)
    world = np.zeros((len(points), 3), np.float32)
    world[:, :2] = turned * 2
    return Person(
        keypoints, score, keypoints_world=world, region=Region(x, y, size, rotation), provenance=observed(score)
    )


@dataclass
class Seeing:
    """Sees the beings of a frame, whose number stands in its first pixel, where a region or window has them.

    Attributes:
        frames: who is where, per frame.
        near: in sizes of the region, how far from its middle somebody may be to be read.
        detects: in which frames the detector works.
        boxes: whether it draws boxes around everybody, as a person detector does.
        draws: in which frames that works; the rest of the detector works in windows.
    """

    frames: Sequence[Sequence[Being]]
    near: float = 0.3
    detects: Callable[[int], bool] = lambda index: True
    boxes: bool = False
    draws: Callable[[int], bool] = lambda index: True
    reads: list[tuple[int, Region]] = field(default_factory=list)
    windows: list[tuple[int, Region | None]] = field(default_factory=list)

    @property
    def info(self) -> EstimatorInfo:
        """Facts of this instance."""
        return EstimatorInfo("seeing", BLAZEPOSE_33, "none", ("script", "1"), follows_one_person=not self.boxes)

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        """See `Estimator.estimate`, with regions only."""
        assert regions is not None
        if cancel is not None:
            cancel.raise_if_cancelled()
        return [
            [person for region in wanted or () if (person := self._read(image, region)) and person.score >= min_score]
            for image, wanted in zip(images, regions, strict=True)
        ]

    def propose(self, image: Image, window: Region | None = None, *, min_score: float) -> list[Proposal]:
        """See `Proposer.propose`."""
        index = number(image)
        self.windows.append((index, window))
        if not self.detects(index) or (self.boxes and window is None and not self.draws(index)):
            return []
        found = []
        for x, y, score in self.frames[index]:
            if window is None or max(abs(x - window.cx), abs(y - window.cy)) < window.size / 2:
                person = standing(x, y)
                box = person.bbox_xyxy if self.boxes and window is None else None
                found.append(Proposal(Region(x, y, SIDE), score, box))
        return [proposal for proposal in found if proposal.score >= min_score]

    def close(self) -> None:
        """Nothing to release."""

    def _read(self, image: Image, region: Region) -> Person | None:
        index = number(image)
        self.reads.append((index, region))
        beings = [
            b for b in self.frames[index] if np.hypot(b[0] - region.cx, b[1] - region.cy) < self.near * region.size
        ]
        if not beings:
            return None
        x, y, score = min(beings, key=lambda b: float(np.hypot(b[0] - region.cx, b[1] - region.cy)))
        return replace(standing(x, y, score=score), region_index=0)


def number(image: Image) -> int:
    """The frame number in an image."""
    return int(image[0, 0, 0])


def picture(index: int) -> Image:
    """An image that says which frame it is."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[0, 0, 0] = index
    return image


def sightings(start: int, stop: int) -> Iterator[Sighting]:
    """The frames from `start` to `stop - 1`."""
    for index in range(start, stop):
        yield Sighting(index, (index + 1) * FRAME_NS, picture(index))


def found(finder: SegmentFinder, frames: int, *, start: int = 0, stop: int | None = None) -> list[list[Person]]:
    """The people of a segment of a video of so many frames, by frame; checks that every frame has its entry."""
    stop = frames if stop is None else stop
    first = max(0, start - finder.warm_up_frames)
    entries = list(finder.find(sightings(first, min(frames, stop + finder.look_ahead_frames)), start=start, stop=stop))
    assert [index for index, _ in entries] == list(range(start, min(stop, frames)))
    return [people for _, people in entries]


def places(people: Sequence[Sequence[Person]]) -> list[list[int]]:
    """Where the people of each frame are, as x of their region, from left to right."""
    return [sorted(round(p.region.cx) for p in frame if p.region is not None) for frame in people]
