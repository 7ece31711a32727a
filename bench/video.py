"""The video command beside MediaPipe, same weights, same file, runs alternating."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import at_least, spread

ROOT = Path(__file__).resolve().parents[1]
PEER = Path(os.environ.get("POSE_PEER_PYTHON", ROOT / ".peer" / "bin" / "python"))
PEER_SCRIPT = Path(__file__).parent / "peers" / "mediapipe_video.py"
CLIPS = ROOT.parent / "shared" / "fixtures" / "clips"


def measure(*, runs: int) -> dict[str, Any]:
    """Frames per second, start and model load left out on both sides: decode to poses.jsonl, and with the overlay."""
    if not PEER.exists():
        raise SystemExit(f"the peer's interpreter {PEER} is missing: run scripts/setup-peer")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for clip in _clips(Path(folder)):
            ours, overlay, theirs = [], [], []
            for _ in range(runs):
                ours.append(_ours(clip, "--no-overlay"))
                theirs.append(_theirs(clip))
                overlay.append(_ours(clip))
            row: dict[str, Any] = {
                "clip": clip.name,
                "frames": theirs[0]["frames"],
                "ours_fps": spread([run["fps"] for run in ours], 1),
                "ours_with_overlay_fps": spread([run["fps"] for run in overlay], 1),
                "mediapipe_fps": spread([run["fps"] for run in theirs], 1),
                "ratio": round(median(a["fps"] / b["fps"] for a, b in zip(ours, theirs, strict=True)), 2),
                "ratio_with_overlay": round(
                    median(a["fps"] / b["fps"] for a, b in zip(overlay, theirs, strict=True)), 2
                ),
                "frames_with_person": {"ours": ours[0]["found"], "mediapipe": theirs[0]["found"]},
            }
            rows.append(row)
            print(
                f"  {row['clip']}: {row['ours_fps']['median']} fps, with overlay "
                f"{row['ours_with_overlay_fps']['median']}, MediaPipe {row['mediapipe_fps']['median']}",
                flush=True,
            )
    worst = min(row["ratio"] for row in rows)
    return {
        "runs": runs,
        "clips": rows,
        "targets": [at_least("video command over MediaPipe, slowest clip", worst, 1, "x")],
    }


def _clips(folder: Path) -> list[Path]:
    sample = folder / "mannequin.mp4"
    subprocess.run(
        [sys.executable, "-m", "sidecar", "sample", str(sample), "--seconds", "6"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return [sample, *(path for name in ("dryslope", "grab", "kicker") if (path := CLIPS / f"{name}.mp4").exists())]


def _ours(clip: Path, *flags: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "sidecar", "video", str(clip), "--out", out, *flags]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        summary = json.loads(next(Path(out).glob("video_*/summary.json")).read_text(encoding="utf-8"))
    return {"fps": summary["frames_per_second"], "found": summary["frames_with_person"]}


def _theirs(clip: Path) -> dict[str, float]:
    output = subprocess.run([str(PEER), str(PEER_SCRIPT), str(clip)], check=True, capture_output=True, text=True).stdout
    report = json.loads(output)
    return {"frames": report["frames"], "found": report["found"], "fps": report["frames"] / report["seconds"]}
