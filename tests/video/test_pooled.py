"""The steps of a video that several processes make together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sidecar.estimators.protocol import Cancelled
from sidecar.media.opening import MediaError
from sidecar.video.blueprint import Blueprint, decode_blueprint, encode_blueprint
from sidecar.video.pooled import Begun, Lines, SegmentWorker, assemble, plan
from sidecar.video.process import process
from sidecar.video.source import identify
from sidecar.video.work_dir import work_path
from tests.media.clips import make_clip
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.makers import OPTIONS

FRAMES = 100
WITH_OVERLAY = replace(OPTIONS, overlay=True)


class Never:
    """A cancel token that never fires."""

    def raise_if_cancelled(self) -> None:
        """See `CancelToken`."""


def someone() -> ScriptedEstimator:
    return ScriptedEstimator(lambda call, regions: [make_person(24, 24, side=20)], follows_one_person=False)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=FRAMES)


def draw(clip: Path, out: Path) -> Blueprint:
    planned = plan(clip, out, OPTIONS, someone(), fps=None, force=False, cancel=Never())
    assert planned.blueprint is not None
    assert planned.summary is None
    return planned.blueprint


def work_all(steps: Iterator[Begun | Lines], out: Path, blueprint: Blueprint) -> list[Begun | Lines]:
    """Take the steps, and do the segments they ask for as they ask."""
    worker, taken = SegmentWorker(), []
    for step in steps:
        taken.append(step)
        if isinstance(step, Begun):
            for number in reversed(step.missing):
                work = work_path(out, blueprint.name)
                worker.work(work, number, someone(), cancel=Never(), on_frame=lambda: None)
    return taken


def with_all_parts(clip: Path, out: Path) -> Blueprint:
    """A video with an overlay whose segments are done, and nothing of it is assembled."""
    planned = plan(clip, out, WITH_OVERLAY, someone(), fps=None, force=False, cancel=Never())
    assert planned.blueprint is not None
    steps = assemble(planned.blueprint, out, force=False, with_frames=False, check=lambda: None)
    work_all(iter([next(steps)]), out, planned.blueprint)
    steps.close()
    return planned.blueprint


def lines_of(steps: list[Begun | Lines]) -> list[bytes]:
    return [line for step in steps if isinstance(step, Lines) for line in step.lines]


def test_together_they_make_what_one_process_makes(clip: Path, tmp_path: Path) -> None:
    alone = process(identify(clip), tmp_path / "alone", OPTIONS, someone())
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    assert decode_blueprint(encode_blueprint(blueprint)) == decode_blueprint(encode_blueprint(blueprint))
    steps = work_all(assemble(blueprint, out, force=False, with_frames=True, check=lambda: None), out, blueprint)
    assert steps[0] == Begun(tuple(range(len(blueprint.segments))))
    poses = (out / blueprint.name / "poses.jsonl").read_bytes()
    assert poses == (alone.directory / "poses.jsonl").read_bytes()
    assert poses.partition(b"\n")[2] == b"".join(lines_of(steps))
    assert [path.name for path in out.iterdir()] == [blueprint.name]


def test_a_result_that_is_there_is_given_again(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    first = work_all(assemble(blueprint, out, force=False, with_frames=True, check=lambda: None), out, blueprint)
    again = list(assemble(blueprint, out, force=False, with_frames=True, check=lambda: None))
    assert all(isinstance(step, Lines) for step in again)
    assert lines_of(again) == lines_of(first)
    planned = plan(clip, out, OPTIONS, someone(), fps=None, force=False, cancel=Never())
    assert planned.blueprint is None
    assert planned.summary is not None
    assert planned.summary["frames"] == FRAMES


def test_a_part_that_is_damaged_on_disk_is_asked_for_again(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    steps = assemble(blueprint, out, force=False, with_frames=False, check=lambda: None)
    begun = next(steps)
    assert isinstance(begun, Begun)
    work, worker = work_path(out, blueprint.name), SegmentWorker()
    for number in begun.missing:
        worker.work(work, number, someone(), cancel=Never(), on_frame=lambda: None)
    (work / "parts" / "000001.part").write_bytes(b"junk")
    assert next(steps) == Begun((1,))
    worker.work(work, 1, someone(), cancel=Never(), on_frame=lambda: None)
    assert list(steps) == []
    assert (out / blueprint.name / "summary.json").exists()


def test_a_segment_that_is_finished_is_not_worked_on_twice(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    steps = assemble(blueprint, out, force=False, with_frames=False, check=lambda: None)
    next(steps)
    work = work_path(out, blueprint.name)
    first, second = someone(), someone()
    for estimator in (first, second):
        SegmentWorker().work(work, 0, estimator, cancel=Never(), on_frame=lambda: None)
    assert len(first.asked) > 0
    assert second.asked == []
    steps.close()


def test_waiting_for_parts_can_be_given_up(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    steps = assemble(blueprint, out, force=False, with_frames=False, check=_after(3, Cancelled("enough")))
    next(steps)
    with pytest.raises(Cancelled):
        next(steps)
    assert list(out.iterdir()) == []


def test_an_assembly_whose_parts_all_lie_ready_tells_of_every_frame(clip: Path, tmp_path: Path) -> None:
    out, steps_told = tmp_path / "out", list[int]()
    checked = [0]

    def check() -> None:
        checked[0] += 1

    blueprint = with_all_parts(clip, out)
    list(assemble(blueprint, out, force=False, with_frames=False, check=check, on_finishing=steps_told.append))
    assert checked[0] >= 2 * FRAMES, "for each that comes and each that goes: a watcher takes silence for a fault"
    assert steps_told[:FRAMES] == list(range(1, FRAMES + 1))
    assert (out / blueprint.name / "overlay.mp4").exists()


@pytest.mark.parametrize("calls", [1, FRAMES // 2, FRAMES - 1])
def test_an_assembly_whose_parts_all_lie_ready_can_be_given_up(clip: Path, tmp_path: Path, calls: int) -> None:
    out = tmp_path / "out"
    blueprint = with_all_parts(clip, out)
    kept = sorted((work_path(out, blueprint.name) / "parts").iterdir())
    with pytest.raises(Cancelled):
        list(assemble(blueprint, out, force=False, with_frames=False, check=_after(calls, Cancelled("enough"))))
    assert [path.name for path in out.iterdir()] == [work_path(out, blueprint.name).name]
    assert sorted((work_path(out, blueprint.name) / "parts").iterdir()) == kept


def test_two_assemblies_of_one_result_do_not_meet(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    first = assemble(blueprint, out, force=False, with_frames=False, check=lambda: None)
    next(first)
    waiting = threading.Event()
    taken: list[Any] = []

    def second() -> None:
        taken.extend(assemble(blueprint, out, force=False, with_frames=False, check=waiting.set))

    thread = threading.Thread(target=second)
    thread.start()
    assert waiting.wait(10)
    work_all(iter([Begun(tuple(range(len(blueprint.segments))))]), out, blueprint)
    assert list(first) == []
    thread.join(10)
    assert not thread.is_alive()
    assert taken == []  # it found the result complete


def test_a_source_that_changed_meanwhile_is_refused(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    steps = assemble(blueprint, out, force=False, with_frames=False, check=lambda: None)
    next(steps)
    clip.write_bytes(clip.read_bytes() + b"\0")
    with pytest.raises(MediaError, match="was changed"):
        SegmentWorker().work(work_path(out, blueprint.name), 0, someone(), cancel=Never(), on_frame=lambda: None)
    steps.close()


@pytest.mark.parametrize("number", [99, -99])
def test_a_segment_that_does_not_exist(clip: Path, tmp_path: Path, number: int) -> None:
    out = tmp_path / "out"
    blueprint = draw(clip, out)
    steps = assemble(blueprint, out, force=False, with_frames=False, check=lambda: None)
    next(steps)
    with pytest.raises(IndexError):
        SegmentWorker().work(work_path(out, blueprint.name), number, someone(), cancel=Never(), on_frame=lambda: None)
    steps.close()


def _after(calls: int, error: Exception) -> Callable[[], None]:
    left = [calls]

    def check() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise error

    return check
