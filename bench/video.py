"""A video on a pool of two beside MediaPipe: same weights, same file, runs alternating, decode to poses.jsonl."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import at_least, at_most, spread
from sidecar.estimators import registry
from sidecar.estimators.protocol import LoadContext
from sidecar.media.video_reader import open_video
from sidecar.pose.region import Region

ROOT = Path(__file__).resolve().parents[1]
PEER = Path(os.environ.get("POSE_PEER_PYTHON", ROOT / ".peer" / "bin" / "python"))
PEER_SCRIPT = Path(__file__).parent / "peers" / "mediapipe_video.py"
POOL_SCRIPT = Path(__file__).parent / "video-pool.mjs"
CLIPS = ROOT.parent / "shared" / "fixtures" / "clips"

POOL_SIZE = 2
THOROUGH_TARGET, FAST_TARGET = 2.5, 3.0  # over one MediaPipe process
LOOKS = 60  # of which one look's time is the median
OVERLAY_TARGET = 0.25  # of the time without
WAYS: dict[str, dict[str, Any]] = {
    "thorough": {"overlay": False},
    "fast": {"overlay": False, "effort": "fast"},
    "thorough_with_overlay": {"overlay": True},
}


def measure(*, runs: int) -> dict[str, Any]:
    """Frames per second, start and model load left out on both sides."""
    if not PEER.exists():
        raise SystemExit(f"the peer's interpreter {PEER} is missing: run scripts/setup-peer")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for clip in _clips(Path(folder)):
            rows.append(_row(clip, runs))
            fps = {name: row["median"] for name, row in rows[-1]["fps"].items()}
            print(f"  {clip.name}: {fps}", flush=True)
        length = _length(Path(folder))
    slowest = {name: min(row["over_one_mediapipe"][name] for row in rows) for name in ("thorough", "fast")}
    overlay = median(row["overlay_adds"] for row in rows)
    return {
        "runs": runs,
        "pool": POOL_SIZE,
        "clips": rows,
        "cost_by_length": length,
        "targets": [
            at_least("thorough over one MediaPipe process, slowest clip", slowest["thorough"], THOROUGH_TARGET, "x"),
            at_least("fast over one MediaPipe process, slowest clip", slowest["fast"], FAST_TARGET, "x"),
            at_most("the overlay adds, median clip", overlay, OVERLAY_TARGET, "of the time"),
            at_most("cost of a frame at ten times the length", length["ratio"], 1.1, "x"),
        ],
    }


def _row(clip: Path, runs: int) -> dict[str, Any]:
    fps: dict[str, list[float]] = {name: [] for name in (*WAYS, "mediapipe", "two_mediapipe")}
    last: dict[str, Any] = {}
    for _ in range(runs):
        for name, options in WAYS.items():
            last[name] = _ours(clip, options)
            fps[name].append(last[name]["frames"] / median(last[name]["seconds"]))
        (one,) = _theirs(clip, processes=1)
        last["mediapipe"] = one
        fps["mediapipe"].append(one["frames"] / one["seconds"])
        fps["two_mediapipe"].append(sum(peer["frames"] / peer["seconds"] for peer in _theirs(clip, processes=2)))
    over = {
        name: round(median(ours / theirs for ours, theirs in zip(fps[name], fps["mediapipe"], strict=True)), 2)
        for name in WAYS
    }
    plain, drawn = median(fps["thorough"]), median(fps["thorough_with_overlay"])
    return {
        "clip": clip.name,
        "frames": last["mediapipe"]["frames"],
        "fps": {name: spread(values, 1) for name, values in fps.items()},
        "over_one_mediapipe": over,
        "overlay_adds": round(plain / drawn - 1, 3),
        "frames_with_person": {name: last[name]["found"] for name in ("thorough", "fast", "mediapipe")},
        "stages": last["thorough"]["stages"],
        "limit": _limit(clip, mediapipe_fps=median(fps["mediapipe"])),
    }


def _limit(clip: Path, *, mediapipe_fps: float) -> dict[str, float]:
    """What the cores could do at best: every frame decoded, and looked at once, with nothing else to do."""
    estimator = registry.spec("blazepose").create(LoadContext(options={}, threads=1, cache_dir=None))
    start = time.perf_counter()
    with open_video(clip) as reader:
        images = [frame.image for frame in reader]
    decode_ms = (time.perf_counter() - start) / len(images) * 1000
    looks_ms = []
    for image in images[:LOOKS]:
        height, width = image.shape[:2]
        start = time.perf_counter()
        estimator.estimate([image], regions=[[Region(width / 2, height / 2, height)]], min_score=0.0)
        looks_ms.append((time.perf_counter() - start) * 1000)
    estimator.close()
    fps = POOL_SIZE * 1000 / (decode_ms + median(looks_ms))
    return {
        "decode_ms": round(decode_ms, 2),
        "one_look_ms": round(median(looks_ms), 2),
        "fps": round(fps, 1),
        "over_one_mediapipe": round(fps / mediapipe_fps, 2),
    }


def _length(folder: Path) -> dict[str, Any]:
    """Milliseconds per frame of one mannequin's walk, and of one ten times as long."""
    costs = {}
    for name, seconds in (("short", 4), ("long", 40)):
        clip = folder / f"{name}.mp4"
        _sample(clip, seconds)
        run = _ours(clip, WAYS["thorough"])
        costs[name] = median(run["seconds"]) / run["frames"] * 1000
    return {
        "ms_per_frame": {name: round(cost, 2) for name, cost in costs.items()},
        "ratio": round(costs["long"] / costs["short"], 2),
    }


def _clips(folder: Path) -> list[Path]:
    sample = folder / "mannequin.mp4"
    _sample(sample, 6)
    return [sample, *(path for name in ("dryslope", "grab", "kicker") if (path := CLIPS / f"{name}.mp4").exists())]


def _sample(path: Path, seconds: int) -> None:
    command = [sys.executable, "-m", "sidecar", "sample", str(path), "--people", "1", "--seconds", str(seconds)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _ours(clip: Path, options: dict[str, Any]) -> dict[str, Any]:
    pool = {"python": sys.executable, "servicePath": str(ROOT)}
    asked = {"clip": str(clip), "size": POOL_SIZE, "runs": 1, "options": options, "pool": pool}
    command = ["node", str(POOL_SCRIPT), json.dumps(asked)]
    report: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
    return report


def _theirs(clip: Path, *, processes: int) -> list[dict[str, float]]:
    command = [str(PEER), str(PEER_SCRIPT), str(clip)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(processes)
    ]
    return [json.loads(peer.communicate()[0]) for peer in running]
