"""The operations on videos as requests: parameters, parts, answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import pytest

from sidecar.daemon import video_work
from sidecar.daemon.config import Config
from sidecar.daemon.job import Job
from sidecar.daemon.video_loading import LazyVideoWork
from sidecar.video import segment
from sidecar.video.background import Prefetch
from sidecar.video.blueprint import decode_blueprint
from sidecar.video.parts import PartStore
from sidecar.video.pooled import assemble
from sidecar.video.work_dir import prepare_work, work_path
from tests.daemon.makers import make_request
from tests.media.clips import make_clip
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.test_pooled import work_all

FRAMES = 40


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=FRAMES)


class Daemon:
    """Does requests one after another, and keeps the parts of the last one."""

    def __init__(self) -> None:
        estimator = ScriptedEstimator(lambda call, regions: [make_person(24, 24)], follows_one_person=False)
        config = Config("scripted", {}, 1, check=False, log_level=None, log_format="json", record=None)
        self._work = LazyVideoWork(estimator, config)
        self.parts: list[tuple[dict[str, Any], bytes]] = []

    def do(self, op: str, params: dict[str, Any], body: bytes = b"", **changes: Any) -> tuple[dict[str, Any], bytes]:
        self.parts = []
        request = make_request(7, op=op, params=params, sources=(), body=body, **changes)
        return self._work.run(Job(request), send_part=lambda message, data: self.parts.append((message, bytes(data))))

    def refusal(self, op: str, params: dict[str, Any], body: bytes = b"") -> tuple[str, str]:
        message, _ = self.do(op, params, body)
        assert message["type"] == "error"
        assert message["id"] == 7
        return message["code"], message["message"]


def test_opencv_takes_no_more_threads_than_the_daemon_may(clip: Path, tmp_path: Path) -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(2)
        Daemon().do("video_plan", {"path": str(clip), "out": str(tmp_path / "out")})
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)


def test_a_video_in_three_steps(clip: Path, tmp_path: Path) -> None:
    daemon, out = Daemon(), tmp_path / "out"
    planned, blueprint = daemon.do("video_plan", {"path": str(clip), "out": str(out)})
    data = planned["data"]
    assert (data["frames"], data["segments"], data["summary"]) == (FRAMES, 2, None)

    # One thread does all here, so the assembly runs out of time while it waits: then its work lies ready.
    waiting, _ = daemon.do("video_assemble", {"out": str(out)}, blueprint, deadline_s=time.monotonic() + 0.3)
    assert waiting["code"] == "DEADLINE_EXCEEDED"
    assert daemon.parts[0][0] == {"type": "part", "id": 7, "seq": 0, "data": {"missing": [0, 1]}}


def test_a_result_that_is_there_streams_its_lines(clip: Path, tmp_path: Path) -> None:
    daemon, out = Daemon(), tmp_path / "out"
    _, blueprint = daemon.do("video_plan", {"path": str(clip), "out": str(out)})

    plan = decode_blueprint(blueprint)
    work_all(assemble(plan, out, force=False, with_frames=False, check=lambda: None), out, plan)
    message, _ = daemon.do("video_assemble", {"out": str(out), "with_frames": True}, blueprint)
    assert message["data"]["summary"]["frames"] == FRAMES
    assert [part["data"] for part, _ in daemon.parts] == [{"frames": FRAMES}]
    assert daemon.parts[0][1].count(b"\n") == FRAMES
    again, nothing = daemon.do("video_plan", {"path": str(clip), "out": str(out)})
    assert again["data"]["summary"]["frames"] == FRAMES
    assert nothing == b""


def test_an_overlay_that_is_drawn_at_the_end_tells_how_far_it_is(clip: Path, tmp_path: Path) -> None:
    daemon, out = Daemon(), tmp_path / "out"
    for overlay in (False, True):
        _, blueprint = daemon.do("video_plan", {"path": str(clip), "out": str(out), "overlay": overlay})
        plan = decode_blueprint(blueprint)
        assert plan.overlay is overlay
        if not overlay:
            work_all(assemble(plan, out, force=False, with_frames=False, check=lambda: None), out, plan)
    message, _ = daemon.do("video_assemble", {"out": str(out)}, blueprint)
    assert message["type"] == "result"
    assert daemon.parts[0] == ({"type": "part", "id": 7, "seq": 0, "data": {"finishing": 1}}, b"")
    assert (out / plan.name / "overlay.mp4").exists()


def test_a_long_input_is_told_of_while_it_is_read_through(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, params = Daemon(), {"path": str(clip), "out": str(tmp_path / "out")}
    daemon.do("video_plan", params)
    assert daemon.parts == []
    monkeypatch.setattr(video_work, "PROGRESS_S", 0.0)
    daemon.do("video_plan", params)
    told = [part["data"]["preparing"] for part, _ in daemon.parts]
    assert told == list(range(1, len(told) + 1))
    assert len(told) >= FRAMES, "for each packet too"


def test_a_video_over_the_limit_is_refused_when_it_is_planned(clip: Path, tmp_path: Path) -> None:
    daemon, params = Daemon(), {"path": str(clip), "out": str(tmp_path / "out")}
    make_clip(clip, frames=FRAMES, fps=1)
    code, message = daemon.refusal("video_plan", params | {"max_duration_s": 30})
    assert (code, message) == ("VIDEO_TOO_LONG", "the video lasts 40 s, the limit is 30 s")
    assert not (tmp_path / "out").exists()
    for limit in (40, 40.5, 1e9, None):
        planned, _ = daemon.do("video_plan", params | {"max_duration_s": limit})
        assert planned["data"]["frames"] == FRAMES


@pytest.mark.parametrize("limit", [0, -1, "30", True, float("nan"), float("inf"), [30]])
def test_a_limit_that_is_none_is_refused(clip: Path, tmp_path: Path, limit: object) -> None:
    params = {"path": str(clip), "out": str(tmp_path / "out"), "max_duration_s": limit}
    code, message = Daemon().refusal("video_plan", params)
    assert code == "INVALID_REQUEST"
    assert message.startswith("max_duration_s must be a number of seconds over 0, got ")


def test_a_segment_tells_how_far_it_is_and_leaves_its_part(clip: Path, tmp_path: Path) -> None:
    daemon, out = Daemon(), tmp_path / "out"
    _, blueprint = daemon.do("video_plan", {"path": str(clip), "out": str(out)})
    out.mkdir()
    plan = decode_blueprint(blueprint)
    work = prepare_work(out, plan, afresh=True)
    message, _ = daemon.do("video_segment", {"work": str(work), "number": 1})
    assert (message["data"]["number"], message["data"]["frames"]) == (1, 20)
    assert daemon.parts[0][0]["data"] == {"done": 1}
    assert (work_path(out, plan.name) / "parts" / "000001.part").exists()


def test_a_part_does_not_depend_on_where_its_frames_were_decoded(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-77."""
    threads: list[int] = []

    def counted(*given: Any, **named: Any) -> Any:
        threads[-1] += 1
        return Prefetch(*given, **named)

    monkeypatch.setattr(segment, "Prefetch", counted)
    parts: list[list[tuple[int, float, int]]] = []
    ways: list[dict[str, Any]] = [{}, {"decode_ahead": True}, {"decode_ahead": False}]
    for ahead in ways:
        daemon, out = Daemon(), tmp_path / f"out{len(parts)}"
        _, blueprint = daemon.do("video_plan", {"path": str(clip), "out": str(out)})
        out.mkdir()
        work = prepare_work(out, decode_blueprint(blueprint), afresh=True)
        threads.append(0)
        for number in (0, 1):
            daemon.do("video_segment", {"work": str(work), "number": number, **ahead})
        found = [part for number in (0, 1) if (part := PartStore(work).read(number))]
        parts.append([(frame.index, frame.time_s, len(frame.people)) for part in found for frame in part.frames])
    assert threads == [2, 2, 0]
    assert parts[0] == parts[1] == parts[2]
    assert [index for index, *_ in parts[0]] == list(range(FRAMES))


@pytest.mark.parametrize(
    ("op", "params", "words"),
    [
        ("video_plan", {}, "path must be the path of a file or folder, got None"),
        ("video_plan", {"path": ""}, "got ''"),
        ("video_plan", {"path": "a\0b"}, r"got 'a\x00b'"),
        ("video_plan", {"path": 5}, "got 5"),
        ("video_plan", {"path": "x", "effort": "much"}, "effort must be one of thorough, fast, mediapipe, got 'much'"),
        ("video_plan", {"path": "x", "assemble": 3}, "assemble must be an object"),
        ("video_plan", {"path": "x", "assemble": {"cleen": 1}}, "assemble must be an object of clean,"),
        ("video_plan", {"path": "x", "assemble": {"max_gap_s": -1}}, "max_gap_s must be a number from 0 to 10"),
        ("video_plan", {"path": "x", "overlay": "yes"}, "overlay must be true or false, got 'yes'"),
        ("video_plan", {"path": "x", "fps": "30"}, "fps must be a number, got '30'"),
        ("video_segment", {"work": "/nowhere", "number": 0}, "there is no segment 0 of work in /nowhere"),
        ("video_segment", {"work": "/nowhere", "number": -1}, "number must be a whole number from 0, got -1"),
        ("video_segment", {"work": "/nowhere", "number": True}, "got True"),
        ("video_segment", {"work": "/nowhere", "number": 1.5}, "got 1.5"),
        ("video_segment", {"work": "/w", "number": 0, "decode_ahead": 1}, "decode_ahead must be true or false, got 1"),
        ("video_assemble", {"out": "x"}, "the body must be what video_plan answered"),
    ],
)
def test_wrong_parameters_are_named_with_their_value(op: str, params: dict[str, Any], words: str) -> None:
    code, message = Daemon().refusal(op, params)
    assert code == "INVALID_REQUEST"
    assert words in message


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'{"version":1}', b"\xff", b"[" * 5000])
def test_a_blueprint_of_somebody_else_is_refused(body: bytes) -> None:
    code, message = Daemon().refusal("video_assemble", {"out": "x"}, body)
    assert (code, message[:14]) == ("INVALID_REQUEST", "the body must ")


def test_a_source_that_cannot_be_read_keeps_its_own_code_and_hint(tmp_path: Path) -> None:
    message, _ = Daemon().do("video_plan", {"path": str(tmp_path / "none.mp4")})
    assert message["code"] == "DECODE_FAILED"
    assert message["hint"] == "check the path"
