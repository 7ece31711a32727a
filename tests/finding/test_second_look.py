"""Looking back: only where there are pictures, however long the segment."""

from __future__ import annotations

import pytest

from sidecar.finding.album import PICTURES_MIN, Album
from sidecar.finding.effort import THOROUGH
from sidecar.finding.gaze import Gaze
from sidecar.finding.pursuit import Pursuit
from sidecar.finding.second_look import look_back
from sidecar.finding.trail import Look, Trail
from tests.finding.makers import HEIGHT, WIDTH, Seeing, sightings, standing

FRAMES = 200


def test_frames_whose_pictures_are_gone_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pursuit = Pursuit(Gaze(Seeing([[]] * FRAMES), THOROUGH))
    monkeypatch.setattr(pursuit.footage, "_album", Album(limit_bytes=PICTURES_MIN * WIDTH * HEIGHT * 3))
    for frame in sightings(0, FRAMES):
        pursuit.footage.add(frame)
    pursuit.trails.append(Trail({FRAMES - 1: Look(standing(60, 90), 0.95)}))
    asked: list[int] = []
    original = pursuit.later

    def later(index: int) -> Trail | None:
        asked.append(index)
        return original(index)

    monkeypatch.setattr(pursuit, "later", later)
    look_back(pursuit, savings=0)
    assert asked == list(reversed(range(FRAMES - len(asked), FRAMES)))
    assert 0 < len(asked) <= PICTURES_MIN
