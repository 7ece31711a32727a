"""Memory does not grow with the length of a video."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from sidecar.video.process import process
from sidecar.video.source import identify
from tests.media.clips import make_clip
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.makers import OPTIONS

FRAMES = 6_000
SETTLED = FRAMES // 3
GROWTH_BYTES = 12_000_000  # of allocators; the frames after SETTLED hold 37 MB of pixels and 30 MB of people


@pytest.mark.slow
def test_memory_is_flat_over_thousands_of_frames(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "long.mp4", frames=FRAMES)
    estimator = ScriptedEstimator(
        lambda call, regions: [make_person(20 + call % 9, 24), make_person(44, 20)], follows_one_person=False
    )
    estimator.asked = estimator.min_scores = _Forgetful()  # type: ignore[assignment]
    memory = psutil.Process()
    held: list[int] = []

    def look(done: int, total: int | None) -> None:
        if done >= SETTLED and done % 500 == 0:
            held.append(memory.memory_info().rss)

    outcome = process(identify(clip), tmp_path / "out", OPTIONS, estimator, on_frame=look)
    assert outcome.summary["frames"] == FRAMES
    assert max(held) - held[0] < GROWTH_BYTES, [rss // 1_000_000 for rss in held]


class _Forgetful(list[object]):
    """Keeps count of what is appended, and nothing else."""

    appended = 0

    def append(self, item: object) -> None:
        self.appended += 1

    def __len__(self) -> int:
        return self.appended
