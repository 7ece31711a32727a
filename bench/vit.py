"""ViTPose on the CPU, random weights: people a second in torch and on OpenVINO, by batch."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.figures import at_least, spread

SIZES = ("small", "base")
BATCHES = (1, 4, 16)
WALL_THREADS = 2
MIN_RATIO = 1.5

Crops = NDArray[np.uint8]
Clock = Callable[[], float]


def measure(*, runs: int) -> dict[str, Any]:
    """Each engine and batch in turn, `runs` times.

    On one thread by the CPU time they take, which other work on the machine moves least, and on two by the clock, for
    what a user sees. Where cores are shared, torch's threads wait for each other there, so the two ratios differ.
    """
    figures: dict[str, Any] = {"flip_test": False, "sizes": {}}
    targets = []
    for size in SIZES:
        by_cpu = _people_per_s(size, runs, threads=1, clock=time.process_time)
        by_clock = _people_per_s(size, runs, threads=WALL_THREADS, clock=time.perf_counter)
        ratio = _ratio(by_cpu)
        figures["sizes"][size] = {
            "people_per_cpu_s_1_thread": {name: spread(rates) for name, rates in by_cpu.items()},
            "people_per_s_2_threads": {name: spread(rates) for name, rates in by_clock.items()},
            "ratio_cpu_1_thread": round(ratio, 2),
            "ratio_clock_2_threads": round(_ratio(by_clock), 2),
        }
        targets += _targets(size, by_cpu=ratio, by_clock=_ratio(by_clock))
    figures["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {**figures, "targets": targets}


def _targets(size: str, *, by_cpu: float, by_clock: float) -> list[dict[str, object]]:
    what = f"OpenVINO over torch, ViTPose-{size[0].upper()}"
    return [
        at_least(f"{what}, CPU time, 1 thread", by_cpu, MIN_RATIO, "x"),
        at_least(f"{what}, clock, {WALL_THREADS} threads", by_clock, MIN_RATIO, "x"),
    ]


def _people_per_s(size: str, runs: int, *, threads: int, clock: Clock) -> dict[str, list[float]]:
    engines = _engines(size, threads)
    rates: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(runs):
        for name, (batch, run) in engines.items():
            start_s = clock()
            run()
            rates[name].append(batch / (clock() - start_s))
    return rates


def _ratio(rates: dict[str, list[float]]) -> float:
    """OpenVINO over torch, each at its best batch, by medians."""
    best = {
        engine: max(spread(of_batch)["median"] for name, of_batch in rates.items() if name.startswith(engine))
        for engine in ("openvino", "torch")
    }
    return best["openvino"] / best["torch"]


def _engines(size: str, threads: int) -> dict[str, tuple[int, Callable[[], object]]]:
    """By name: how many people, and a function that reads them once. Warm."""
    import torch

    from sidecar.estimators.vit.sizes import SIZES as VIT_SIZES
    from sidecar.estimators.vitpose.network import Reader, VitPose
    from sidecar.runtimes.openvino_from_torch import load_module

    torch.manual_seed(3)
    torch.set_num_threads(threads)
    reader = Reader(VitPose(VIT_SIZES[size], "classic", 17), flip_test=False).eval()
    engines: dict[str, tuple[int, Callable[[], object]]] = {}
    for batch in BATCHES:
        crops = np.random.default_rng(batch).integers(0, 256, (batch, 256, 192, 3), dtype=np.uint8)
        model = load_module(
            Path(f"{size}.pth"),
            "0" * 64,
            variant="bench",
            make=lambda: reader,
            input_shape=crops.shape,
            threads=threads,
            cache_dir=None,
            warn=lambda code, message, hint: None,
        )
        engines[f"torch {batch}"] = batch, _on_torch(reader, crops)
        engines[f"openvino {batch}"] = batch, _on_openvino(model, crops)
    for _, run in engines.values():
        run()
    return engines


def _on_torch(reader: Any, crops: Crops) -> Callable[[], object]:
    import torch

    def run() -> object:
        with torch.inference_mode():
            return reader(torch.from_numpy(crops)).numpy()

    return run


def _on_openvino(model: Any, crops: Crops) -> Callable[[], object]:
    def run() -> object:
        model.input[:] = crops
        return model()

    return run
