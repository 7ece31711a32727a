"""The client's transport: our frames against JSON lines with base64 and against the bare socket pair."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import at_least

SCRIPT = Path(__file__).with_name("transport.mjs")
SECONDS = 0.5  # per body, way and window
WAYS = ("jsonl_base64", "frames", "bare_socket")


def measure(*, runs: int) -> dict[str, Any]:
    """All ways in turn, `runs` times; medians over the runs, ratios within each run."""
    every = [_run() for _ in range(runs)]
    rows = []
    for samples in zip(*every, strict=True):
        row = {name: samples[0][name] for name in ("body", "bytes", "window")}
        for way in WAYS:
            row[way] = {
                "p50_ms": round(median(sample[way]["p50_ms"] for sample in samples), 3),
                "mb_per_s": round(median(sample[way]["mb_per_s"] for sample in samples), 1),
            }
        row["faster_than_jsonl"] = round(
            median(sample["jsonl_base64"]["p50_ms"] / sample["frames"]["p50_ms"] for sample in samples), 2
        )
        row["share_of_bare"] = round(
            median(sample["frames"]["mb_per_s"] / sample["bare_socket"]["mb_per_s"] for sample in samples), 3
        )
        rows.append(row)
        print(
            f"  {row['body']:>9} x{row['window']}  p50 {row['frames']['p50_ms']:.2f} ms, "
            f"{row['faster_than_jsonl']:.1f} x JSON lines, {row['share_of_bare']:.0%} of the bare socket",
            flush=True,
        )
    found = {(row["body"], row["window"]): row for row in rows}
    return {
        "runs": runs,
        "rows": rows,
        "targets": [
            at_least("1 MB: JSON line + base64 over frames, p50", found["1 MB", 1]["faster_than_jsonl"], 10, "x"),
            at_least("720p raw, window 1: share of the bare socket", found["720p raw", 1]["share_of_bare"], 0.7, ""),
            at_least("720p raw, window 4: share of the bare socket", found["720p raw", 4]["share_of_bare"], 0.7, ""),
        ],
    }


def _run() -> list[dict[str, Any]]:
    command = ["npm", "exec", "--", "node", str(SCRIPT), sys.executable, str(SECONDS)]
    rows: list[dict[str, Any]] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return rows
