"""Frames with a pose on the person: real clips against a detector's boxes, mannequins against the truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from sidecar.finding.choose import finder_for
from sidecar.finding.overlap import box_overlap
from sidecar.finding.protocol import Sighting
from sidecar.mannequin.scene import SceneOptions, scene
from sidecar.media.video_reader import open_video
from sidecar.pose.person import Person
from tests.estimators.blazepose.conftest import Load
from tests.paths import FIXTURES, needs_shared

SEGMENT = 64
ON_PERSON = 0.3  # overlap, as ../shared/peers/on_person.py counts


def find(load: Load, images: Sequence[Any], *, segment: int = SEGMENT, detector: str = "none") -> list[list[Person]]:
    """The people of every frame, segment by segment."""
    people: list[list[Person]] = []
    for start in range(0, len(images), segment):
        finder = finder_for(load(detector=detector), min_score=0.5)
        stop = min(len(images), start + segment + finder.look_ahead_frames)
        frames = (
            Sighting(i, (i + 1) * 33_333_333, images[i]) for i in range(max(0, start - finder.warm_up_frames), stop)
        )
        people += [found for _, found in finder.find(frames, start=start, stop=start + segment)]
    assert len(people) == len(images)
    return people


@needs_shared
@pytest.mark.parametrize(
    ("clip", "detector", "least"),
    [
        ("dryslope", "none", 0.97),
        ("kicker", "none", 0.97),
        ("grab", "none", 0.95),
        ("dryslope", "rtmdet-nano", 0.98),
        ("kicker", "rtmdet-nano", 0.98),
        ("grab", "rtmdet-nano", 0.97),
    ],
)
def test_riders_are_found(load: Load, clip: str, detector: str, least: float) -> None:
    boxes = json.loads((FIXTURES / "golden" / "rtmdet_boxes.json").read_text())[f"{clip}.mp4"]
    with open_video(FIXTURES / "clips" / f"{clip}.mp4") as reader:
        images = [frame.image for frame in reader]
    found = find(load, images, detector=detector)
    on = [
        [max(box_overlap(person.bbox_xyxy, tuple(b[:4])) for b in frame) >= ON_PERSON for person in people]
        for people, frame in zip(found, boxes, strict=True)
    ]
    share = sum(any(hits) for hits in on) / len(images)
    elsewhere = sum(hits.count(False) for hits in on)
    print(f"{clip} {detector}: {share:.3f} of frames, {elsewhere} persons elsewhere")
    assert share >= least
    assert elsewhere <= 0.025 * len(images)


@needs_shared
def test_three_people_are_found_in_every_frame(load: Load) -> None:
    with open_video(FIXTURES / "clips" / "two_people.mp4") as reader:
        images = [frame.image for frame in reader]
    counts = [len(people) for people in find(load, images, detector="rtmdet-nano")]
    assert sum(count == 3 for count in counts) >= 0.98 * len(counts)


@pytest.mark.parametrize(("motion", "segment"), [("walk", 64), ("jump", 33), ("wave", 64)])
def test_a_mannequin_is_found_in_every_frame(load: Load, motion: Any, segment: int) -> None:
    images = [image for image, _ in scene(SceneOptions(seconds=2.5, motion=motion, seed=4))]
    assert [len(people) for people in find(load, images, segment=segment)] == [1] * len(images)
