"""Ten videos as jobs of a gateway: how long they wait, what log and memory do, whether results are the same."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import linear_regression
from typing import Any

from bench.figures import at_most, spread
from bench.service import Running, gateway, render

VIDEOS = 10
SECONDS = 4
RSS_SLOPE_MB = 1.0  # per job
WARM_UP_ROUNDS = 2  # daemons reach their size after some fifteen videos
LOG_BYTES = 20_000.0  # per job
LIMIT_S = 600.0


def measure(*, runs: int) -> dict[str, Any]:
    """All ten at once, `runs` times after the warm-up, each time worked on anew; alone by the Python command."""
    waits: list[float] = []
    seconds: list[float] = []
    memory: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        videos = [render(folder / f"{index}.mp4", seconds=SECONDS, seed=index) for index in range(VIDEOS)]
        alone = [_alone(video, folder / "alone") for video in videos]
        different = 0
        with gateway(folder) as running:
            started_at = running.log.stat().st_size
            for _ in range(WARM_UP_ROUNDS + runs):
                began = time.perf_counter()
                ids = [_submit(running, video) for video in videos]
                for job_id, expected in zip(ids, alone, strict=True):
                    job = _finished(running, job_id)
                    waits.append(job["started_at"] - job["created_at"])
                    different += _digest(Path(job["result"]["directory"])) != expected
                    memory.append(_resident_mb(running))
                seconds.append(time.perf_counter() - began)
            log_bytes = (running.log.stat().st_size - started_at) / len(memory)
    counted = memory[WARM_UP_ROUNDS * VIDEOS :]
    slopes = {part: _slope([sample[part] for sample in counted]) for part in counted[0]}
    return {
        "videos": VIDEOS,
        "seconds_of_each": SECONDS,
        "runs": runs,
        "warm_up_rounds": WARM_UP_ROUNDS,
        "queue_wait_s": spread(waits),
        "ten_videos_s": spread(seconds, 1),
        "log_bytes_per_job": round(log_bytes),
        "rss_mb": {part: [round(sample[part], 1) for sample in memory] for part in counted[0]},
        "rss_slope_mb_per_job": {part: round(slope, 3) for part, slope in slopes.items()},
        "targets": [
            at_most("results that differ from the same video alone", different, 0, f"of {len(memory)}"),
            at_most("memory of gateway and daemons, slope", sum(slopes.values()), RSS_SLOPE_MB, "MB per job"),
            at_most("log", log_bytes, LOG_BYTES, "bytes per job"),
        ],
    }


def _alone(video: Path, out: Path) -> str:
    flags = ["--out", str(out), "--no-overlay"]
    subprocess.run([sys.executable, "-m", "sidecar", "video", video, *flags], check=True, capture_output=True)
    where = subprocess.check_output([sys.executable, "-m", "sidecar", "where", video], text=True)
    return _digest(out / where.strip())


def _digest(directory: Path) -> str:
    return hashlib.sha256((directory / "poses.jsonl").read_bytes()).hexdigest()


def _submit(running: Running, video: Path) -> str:
    asked = {"video_path": str(video), "overlay": False, "force": True}
    return str(running.client.post("/v1/jobs", json=asked).raise_for_status().json()["id"])


def _finished(running: Running, job_id: str) -> dict[str, Any]:
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        job: dict[str, Any] = running.client.get(f"/v1/jobs/{job_id}").raise_for_status().json()
        if job["state"] == "completed":
            return job
        if job["state"] in ("failed", "cancelled"):
            raise RuntimeError(f"job {job_id} is {job['state']}: {json.dumps(job.get('error'))}")
        time.sleep(0.05)
    raise RuntimeError(f"job {job_id} was not over after {LIMIT_S} s")


def _resident_mb(running: Running) -> dict[str, float]:
    """Of the gateway and of its pool together; what comes and goes with each video is left out."""
    return {
        "gateway": running.process.memory_info().rss / 1e6,
        "pool": sum(one.memory_info().rss for one in running.daemons()) / 1e6,
    }


def _slope(samples: list[float]) -> float:
    return linear_regression(range(len(samples)), samples).slope
