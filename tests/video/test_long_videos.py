"""Memory does not grow with the length of a video."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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
EVERY = 500
GROWTH_BYTES = 12_000_000  # of allocators; the frames after SETTLED hold 37 MB of pixels and 30 MB of people


@pytest.mark.slow
def test_memory_is_flat_over_thousands_of_frames(tmp_path: Path) -> None:
    """In a process of its own: what other tests have left in this one's allocator comes and goes by megabytes."""
    clip = make_clip(tmp_path / "long.mp4", frames=FRAMES)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        frames, held = fresh.submit(_held, clip, tmp_path / "out").result(timeout=55)
    assert frames == FRAMES
    assert len(held) == (FRAMES - SETTLED) // EVERY + 1
    assert max(held) - held[0] < GROWTH_BYTES, [rss // 1_000_000 for rss in held]


def _held(clip: Path, out: Path) -> tuple[int, list[int]]:
    """Process a clip; how many frames it had, and the memory held as the frames went by."""
    estimator = ScriptedEstimator(
        lambda call, regions: [make_person(20 + call % 9, 24), make_person(44, 20)], follows_one_person=False
    )
    estimator.asked = estimator.min_scores = _Forgetful()  # type: ignore[assignment]
    memory = psutil.Process()
    held: list[int] = []

    def look(done: int, total: int | None) -> None:
        if done >= SETTLED and done % EVERY == 0:
            held.append(memory.memory_info().rss)

    outcome = process(identify(clip), out, OPTIONS, estimator, on_frame=look)
    return int(outcome.summary["frames"]), held


class _Forgetful(list[object]):
    """Keeps count of what is appended, and nothing else."""

    appended = 0

    def append(self, item: object) -> None:
        self.appended += 1

    def __len__(self) -> int:
        return self.appended
