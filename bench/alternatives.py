"""Beside what a user would otherwise take: the same machine and run, no work in Python, an image of 1 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from typing import Any

from bench import node
from bench.figures import at_least
from bench.process_tree import PeakMemory

WAYS = ("pose_sidecar", "python_shell", "fastapi", "spawn_per_call")
OURS, *OTHERS = WAYS
SECONDS = 3.0  # per way and load
LOADS = ("alone", "loaded")


def measure(*, runs: int) -> dict[str, Any]:
    """All ways in turn, `runs` times, each in a Node of its own; medians over the runs, ratios within each run."""
    subprocess.run([node.ROOT / "scripts" / "setup-alternatives"], check=True)
    every: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way in WAYS:
            every[way].append(_run(way))
    ways = {way: _medians(samples) for way, samples in every.items()}
    for way, figures in ways.items():
        alone, loaded = figures["alone"], figures["loaded"]
        print(
            f"  {way:15} alone p50 {alone['p50_ms']} ms, p99 {alone['p99_ms']} ms; under load "
            f"{loaded['calls_per_s']} calls/s, p99 {loaded['p99_ms']} ms; {figures['peak_rss_mb']} MB",
            flush=True,
        )
    times = {way: round(_times(every[OURS], every[way]), 2) for way in OTHERS}
    return {
        "runs": runs,
        "versions": _versions(),
        "seconds_per_load": SECONDS,
        "ways": ways,
        "times_the_throughput_of": times,
        "targets": [at_least(f"throughput over {way}", ratio, 1, "x") for way, ratio in times.items()],
    }


def _run(way: str) -> dict[str, Any]:
    command = node.command(node.HERE / "alternatives.mjs", way, sys.executable, str(SECONDS))
    with (
        subprocess.Popen(command, cwd=node.ROOT, env=node.ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process,
        PeakMemory(process) as memory,
    ):
        printed, _ = process.communicate()
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    figures: dict[str, Any] = json.loads(printed)
    return {**figures, "peak_rss_mb": memory.peak_bytes / 1e6}


def _medians(samples: list[dict[str, Any]]) -> dict[str, Any]:
    loads = {
        load: {name: round(median(sample[load][name] for sample in samples), 2) for name in samples[0][load]}
        for load in LOADS
    }
    return {**loads, "peak_rss_mb": round(median(sample["peak_rss_mb"] for sample in samples), 1)}


def _times(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> float:
    mine, others = ([float(sample["loaded"]["calls_per_s"]) for sample in samples] for samples in (ours, theirs))
    return median(a / b for a, b in zip(mine, others, strict=True))


def _versions() -> dict[str, str]:
    folder = node.ROOT / ".peer" / "alternatives"
    names = ("fastapi", "uvicorn", "python-multipart", "httptools", "uvloop")
    ask = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {names}}}))"
    python = folder / "venv" / "bin" / "python"
    installed: dict[str, str] = json.loads(subprocess.check_output([python, "-c", ask], text=True))
    package = json.loads((folder / "node_modules" / "python-shell" / "package.json").read_text(encoding="utf-8"))
    return {"python-shell": package["version"], **installed}
