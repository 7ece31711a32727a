"""A run that was interrupted goes on from its finished segments, to the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.tracking.options import AssembleOptions
from sidecar.video.plan import segments
from tests.media.clips import make_clip
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.makers import OPTIONS, run

FRAMES = 100


def walking(*, stop_after: int | None = None) -> ScriptedEstimator:
    """Finds one person by the place in the picture alone; interrupted after so many frames."""

    def answer(call: int, regions: object) -> list[object]:
        if stop_after is not None and call >= stop_after:
            raise KeyboardInterrupt
        return [make_person(24, 24, side=20)]

    return ScriptedEstimator(answer, follows_one_person=False)  # type: ignore[arg-type]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=FRAMES)


def interrupt(clip: Path, out: Path, **changes: object) -> Path:
    """A run that ends in its third segment; returns the folder of its parts."""
    with pytest.raises(KeyboardInterrupt):
        run(clip, out, walking(stop_after=segments(FRAMES, warm_up_frames=0)[2].start + 3), **changes)
    (work,) = out.glob(".*.work")
    return work / "parts"


def test_finished_segments_are_not_worked_on_again(clip: Path, tmp_path: Path) -> None:
    whole = run(clip, tmp_path / "whole", walking())
    parts = interrupt(clip, tmp_path / "out")
    assert sorted(path.name for path in parts.iterdir()) == ["000000.part", "000001.part"]
    rest = walking()
    counted: list[int] = []
    outcome = run(clip, tmp_path / "out", rest, on_frame=lambda done, total: counted.append(done))
    assert len(rest.asked) == FRAMES - segments(FRAMES, warm_up_frames=0)[2].start
    assert counted[-1] == FRAMES
    assert counted == sorted(counted)
    assert (outcome.directory / "poses.jsonl").read_bytes() == (whole.directory / "poses.jsonl").read_bytes()
    assert [path.name for path in (tmp_path / "out").iterdir()] == [outcome.directory.name]


def test_a_damaged_part_is_worked_on_again(clip: Path, tmp_path: Path) -> None:
    parts = interrupt(clip, tmp_path / "out")
    part = parts / "000001.part"
    part.write_bytes(part.read_bytes()[:-1])
    rest = walking()
    run(clip, tmp_path / "out", rest)
    plan = segments(FRAMES, warm_up_frames=0)
    assert len(rest.asked) == FRAMES - (plan[0].stop - plan[0].start)


def test_force_begins_afresh(clip: Path, tmp_path: Path) -> None:
    interrupt(clip, tmp_path / "out")
    rest = walking()
    run(clip, tmp_path / "out", rest, force=True)
    assert len(rest.asked) == FRAMES


def test_parts_of_other_options_are_left_alone(clip: Path, tmp_path: Path) -> None:
    interrupt(clip, tmp_path / "out")
    other = walking()
    run(clip, tmp_path / "out", other, options=replace(OPTIONS, assemble=AssembleOptions(clean="none")))
    assert len(other.asked) == FRAMES
    assert len(list((tmp_path / "out").glob(".*.work"))) == 1


def test_a_run_stopped_before_its_first_segment_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(clip, tmp_path / "out", walking(stop_after=3))
    assert list((tmp_path / "out").iterdir()) == []
