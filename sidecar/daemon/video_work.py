"""The operations on videos, on the work thread: parameters checked, pieces sent as PARTs, one terminal message."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.bootstrap.cache import cache_root
from sidecar.daemon.answering import Answer
from sidecar.daemon.config import Config
from sidecar.daemon.errors import RequestError
from sidecar.daemon.job import Job
from sidecar.estimators.protocol import Estimator
from sidecar.finding.effort import DEFAULT_EFFORT, EFFORTS
from sidecar.tracking.options import AssembleOptionError, AssembleOptions
from sidecar.video.blueprint import Blueprint, decode_blueprint, encode_blueprint
from sidecar.video.options import VideoOptions
from sidecar.video.pooled import Begun, SegmentWorker, assemble, plan
from sidecar.video.process import read_summary
from sidecar.video.result_cache import CACHE_FOLDER, prune
from sidecar.wire.generated import codes

PROGRESS_S = 0.2  # between two PARTs that only say how far the work is

SendPart = Callable[[dict[str, Any], bytes], None]

_ASSEMBLE_FIELDS = frozenset({"clean", "max_gap_s", "extrapolate_s", "keep_raw"})


@dataclass(frozen=True, slots=True)
class VideoWork:
    """Answers the operations on videos with one estimator."""

    estimator: Estimator
    config: Config
    worker: SegmentWorker

    def do(self, job: Job, *, send_part: SendPart) -> Answer:
        """Do a job; returns its terminal message and body. Raises what has a code of errors.json, and Cancelled."""
        params, parts = job.request.params, _Parts(job.request.id, send_part)
        steps = {"video_plan": self._plan, "video_segment": self._segment, "video_assemble": self._assemble}
        return steps[job.request.op](job, params, parts)

    def _plan(self, job: Job, params: Mapping[str, Any], parts: _Parts) -> Answer:
        path, out = Path(_text(params, "path")), _out(params)
        options = _video_options(params, self.config)
        fps, force = _fps(params), _flag(params, "force")
        limit_s = _limit(params)
        parts.rest()
        reading = _Told(job, lambda steps: parts.progress(preparing=steps))
        planned = plan(path, out, options, self.estimator, fps=fps, force=force, max_duration_s=limit_s, cancel=reading)
        blueprint = planned.blueprint
        data = {
            "directory": str(planned.directory),
            "out": str(out),
            "summary": planned.summary,
            "frames": None if blueprint is None else blueprint.frames,
            "segments": 0 if blueprint is None else len(blueprint.segments),
        }
        return _result(job, data, b"" if blueprint is None else encode_blueprint(blueprint))

    def _segment(self, job: Job, params: Mapping[str, Any], parts: _Parts) -> Answer:
        work, number = Path(_text(params, "work")), _number(params, "number")
        ahead = _flag(params, "decode_ahead", default=True)
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            job.raise_if_cancelled()
            parts.progress(done=done)

        try:
            part = self.worker.work(work, number, self.estimator, cancel=job, on_frame=count, decodes_ahead=ahead)
        except (FileNotFoundError, IndexError) as error:
            raise _invalid(f"there is no segment {number} of work in {work}: {error}") from error
        return _result(job, {"number": number, "frames": len(part.frames), "seconds": part.seconds})

    def _assemble(self, job: Job, params: Mapping[str, Any], parts: _Parts) -> Answer:
        out = Path(_text(params, "out"))
        blueprint = _blueprint(bytes(job.request.body))
        steps = assemble(
            blueprint,
            out,
            force=_flag(params, "force"),
            with_frames=_flag(params, "with_frames"),
            check=job.raise_if_cancelled,
            on_finishing=lambda steps: parts.progress(finishing=steps),
        )
        for step in steps:
            job.raise_if_cancelled()
            if isinstance(step, Begun):
                parts.send({"missing": list(step.missing)})
            else:
                parts.send({"frames": len(step.lines)}, b"".join(step.lines))
        directory = out / blueprint.name
        if out == _default_out():
            prune(out, keep=directory)
        return _result(job, {"directory": str(directory), "summary": read_summary(directory)})


class _Parts:
    """Numbers the PARTs of one request."""

    def __init__(self, request_id: int, send: SendPart) -> None:
        self._id = request_id
        self._send = send
        self._seq = 0
        self._last_s = float("-inf")

    def send(self, data: dict[str, Any], body: bytes = b"") -> None:
        self._send({"type": "part", "id": self._id, "seq": self._seq, "data": data}, body)
        self._seq += 1

    def rest(self) -> None:
        """Say nothing for a moment: what is done at once is not worth a word."""
        self._last_s = time.monotonic()

    def progress(self, **counts: int) -> None:
        """Say how far the work is, not too often."""
        now_s = time.monotonic()
        if now_s - self._last_s >= PROGRESS_S:
            self._last_s = now_s
            self.send(counts)


class _Told:
    """A cancel token that tells how often it was asked: the work gets on."""

    def __init__(self, job: Job, on_step: Callable[[int], None]) -> None:
        self._job = job
        self._on_step = on_step
        self._steps = 0

    def raise_if_cancelled(self) -> None:
        """See `CancelToken`."""
        self._job.raise_if_cancelled()
        self._steps += 1
        self._on_step(self._steps)


def _result(job: Job, data: dict[str, Any], body: bytes = b"") -> Answer:
    return {"type": "result", "id": job.request.id, "data": data}, body


def _video_options(params: Mapping[str, Any], config: Config) -> VideoOptions:
    effort = params.get("effort", DEFAULT_EFFORT)
    if effort not in EFFORTS:
        raise _invalid(f"effort must be one of {', '.join(EFFORTS)}, got {effort!r}")
    chosen = params.get("assemble", {})
    if not isinstance(chosen, Mapping) or not chosen.keys() <= _ASSEMBLE_FIELDS:
        raise _invalid(f"assemble must be an object of {', '.join(sorted(_ASSEMBLE_FIELDS))}, got {chosen!r}")
    try:
        assembling = AssembleOptions(**chosen)
    except AssembleOptionError as error:
        raise _invalid(f"assemble: {error}") from error
    return VideoOptions(
        estimator=config.estimator,
        estimator_options=config.options,
        min_score=params.get("min_score", VideoOptions().min_score),
        effort=effort,
        overlay=_flag(params, "overlay"),
        assemble=assembling,
        threads=config.threads,
    )


def _out(params: Mapping[str, Any]) -> Path:
    if params.get("out") is not None:
        return Path(_text(params, "out"))
    out = _default_out()
    if out is None:
        raise RequestError(
            codes.NO_RESOURCES, "there is no cache folder for results", hint="Pass out, or set POSE_CACHE_DIR."
        )
    return out


def _default_out() -> Path | None:
    root = cache_root()
    return None if root is None else root / CACHE_FOLDER


def _blueprint(data: bytes) -> Blueprint:
    try:
        return decode_blueprint(data)
    except (ValueError, TypeError, KeyError) as error:
        raise _invalid(f"the body must be what video_plan answered: {error}") from error


def _text(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value or "\0" in value:
        raise _invalid(f"{name} must be the path of a file or folder, got {value!r}")
    return value


def _number(params: Mapping[str, Any], name: str) -> int:
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _invalid(f"{name} must be a whole number from 0, got {value!r}")
    return value


def _fps(params: Mapping[str, Any]) -> float | None:
    value = params.get("fps")
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise _invalid(f"fps must be a number, got {value!r}")


def _limit(params: Mapping[str, Any]) -> float | None:
    value = params.get("max_duration_s")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise _invalid(f"max_duration_s must be a number of seconds over 0, got {value!r}")
    return float(value)


def _flag(params: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    value = params.get(name, default)
    if not isinstance(value, bool):
        raise _invalid(f"{name} must be true or false, got {value!r}")
    return value


def _invalid(message: str) -> RequestError:
    return RequestError(codes.INVALID_REQUEST, message)
