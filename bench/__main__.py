"""Run benchmarks: `python -m bench [NAME...]`; results go to bench/results/NAME.json, a summary to the screen."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

from bench import machine

BENCHES = {
    "startup": "time to HELLO and READY, by phase",
    "latency": "one image through the estimator, by part",
    "transport": "the client's round trip: JSON lines, our frames, the bare socket",
    "overhead": "the daemon over calling the estimator in-process",
    "scaling": "two daemons over one, one thread each",
    "memory": "RSS of a default daemon",
    "recorder": "the flight recorder's share of a request",
    "video": "a video on a pool of two beside MediaPipe",
    "live": "a live source three times as fast as the pool",
    "coverage": "frames with a pose on the person, per effort",
    "tracking": "people through time against the truth of mannequin scenes",
    "31-frames": "31 frames at once: a pool of two beside a process per frame",
    "pool": "the pool over the bare connection, and two workers over one",
    "alternatives": "beside python-shell, FastAPI and a process per call",
    "vit": "ViTPose on the CPU, random weights: torch beside OpenVINO, by batch",
    "torch-start": "ViTPose's start and memory: torch beside OpenVINO with an empty and a full cache",
    "endurance": "restarts and calls by the thousand: what is left behind",
    "chaos": "random daemons killed under load: what came back, and how soon",
    "gateway": "a picture over HTTP beside the pool itself, and beside Flask and MediaPipe",
    "load": "200 clients at once on every endpoint: /livez, failures, memory",
    "attacks": "slow, half-open, malformed and fuzzed requests on the gateway: answers, leaks",
    "ten-videos": "ten videos as jobs: waits, log, memory, the same results as alone",
}
# Of those whose name no module can have.
MODULES = {"31-frames": "burst", "ten-videos": "ten_videos", "torch-start": "torch_start"}
# Those that go on for as long as is asked.
SUSTAINED = {"load"}
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog="\n".join(f"  {name:12} {about}" for name, about in BENCHES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which to run (default: all)")
    parser.add_argument("--runs", type=int, default=5, help="counted runs where a bench repeats itself (default 5)")
    parser.add_argument("--seconds", type=float, default=60, help="how long `load` goes on (default 60)")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; known: {', '.join(BENCHES)}")
    RESULTS.mkdir(exist_ok=True)
    facts = machine.describe()
    failed = False
    for name in arguments.names or BENCHES:
        print(f"{name}: {BENCHES[name]} …", flush=True)
        lasting = {"seconds": arguments.seconds} if name in SUSTAINED else {}
        figures = importlib.import_module(f"bench.{MODULES.get(name, name)}").measure(runs=arguments.runs, **lasting)
        made = {
            "bench": name,
            "command": f"python -m bench {name}",
            "date": time.strftime("%Y-%m-%d"),
            "machine": facts,
        }
        report = {**made, **figures}
        (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        for target in figures.get("targets", []):
            failed |= not target["met"]
            print(f"  {'✓' if target['met'] else '✗'} {target['what']}: {target['value']} (target {target['target']})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
