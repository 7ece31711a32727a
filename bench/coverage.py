"""How many frames have a pose on the person, counted by ../shared/peers/on_person.py, and what that costs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench import harder
from bench.figures import at_least, at_most, spread

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
COUNT = SHARED / "peers" / "on_person.py"
# Clip -> least share of frames with a pose on the person: by the embedded default, and with a person detector.
TARGETS = {"dryslope": (0.97, 0.98), "kicker": (0.97, 0.98), "grab": (0.95, 0.97)}
ELSEWHERE_MAX = 0.01
PLAIN = ("--no-overlay", "--threads", "1")
CONFIGURATIONS = {
    "thorough": ("--effort", "thorough"),
    "fast": ("--effort", "fast"),
    "mediapipe": ("--effort", "mediapipe"),
    "detector": ("--detector", "rtmdet-nano"),
}


def measure(*, runs: int) -> dict[str, Any]:
    """Shares of frames per clip and configuration, and frames per second with one inference thread."""
    if not COUNT.exists():
        raise SystemExit(f"{COUNT} is missing: coverage is counted on the clips beside it")
    rows = []
    for clip in TARGETS:
        for name, flags in CONFIGURATIONS.items():
            results = [_run(clip, flags) for _ in range(runs)]
            counted = results[0]["counted"]
            rows.append(
                {
                    "clip": f"{clip}.mp4",
                    "configuration": name,
                    **{key: counted[key] for key in ("frames", "on_person", "elsewhere", "none", "persons_elsewhere")},
                    "fps": spread([result["fps"] for result in results], 1),
                }
            )
            print(f"  {clip} {name}: {counted['on_person']} of {counted['frames']} on the person", flush=True)
    variants = harder.measure()
    return {
        "runs": runs,
        "rows": rows,
        "variants": variants["rows"],
        "targets": [*_targets(rows), *variants["targets"]],
    }


def _targets(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    targets = []
    for column, configuration in enumerate(("thorough", "detector")):
        own = [row for row in rows if row["configuration"] == configuration]
        for row in own:
            least = TARGETS[row["clip"].removesuffix(".mp4")][column]
            share = row["on_person"] / row["frames"]
            targets.append(at_least(f"{configuration}: {row['clip']} on the person", share, least, "of frames"))
        frames = sum(row["frames"] for row in own)
        for what in ("elsewhere", "persons_elsewhere"):
            share = sum(row[what] for row in own) / frames
            targets.append(at_most(f"{configuration}: {what}, all clips", share, ELSEWHERE_MAX, "of frames"))
    speeds = {name: median(r["fps"]["median"] for r in rows if r["configuration"] == name) for name in CONFIGURATIONS}
    targets.append(at_least("fast over thorough", speeds["fast"] / speeds["thorough"], 1, "x"))
    return targets


def _run(clip: str, flags: tuple[str, ...]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as out:
        source = SHARED / "fixtures" / "clips" / f"{clip}.mp4"
        command = [sys.executable, "-m", "sidecar", "video", str(source), "--out", out, *PLAIN, *flags]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        folder = next(Path(out).glob("video_*"))
        fps = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["frames_per_second"]
        counted = subprocess.run(
            [sys.executable, COUNT, f"{clip}.mp4", folder / "poses.jsonl"], check=True, capture_output=True, text=True
        )
    return {"fps": fps, "counted": json.loads(counted.stdout)}
