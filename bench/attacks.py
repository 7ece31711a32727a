"""Attacks on a gateway, in rounds: what it answers, whether it lives, what it still holds when they are over."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import fuzzer, node
from bench.figures import at_least, at_most
from bench.service import Running, completed, gateway, render

PROGRAM = node.ROOT / "gateway" / "test" / "attacks" / "main.ts"
# Attacks by name: how many clients or requests.
COUNTS = {"slow-loris": 500, "half-open-uploads": 1_000, "malformed-requests": 10_000}
EXPECTED = {"slow-loris": {"408"}, "half-open-uploads": {"408", "429"}}
REFUSALS = {"none", "400", "404", "408", "413", "414", "415", "431", "501"}
ROUNDS = 3
# V8 lets the space for young objects grow with the load; of a fixed size it does not hide what is held.
NODE_FLAGS = ("--max-semi-space-size=4",)
GROWTH_MB = 15.0  # in the last round
SETTLE_S = 15.0
ERROR_LEVEL = 50
# No weights and a figure in every picture: it is the gateway that is attacked.
FLAGS = ("--estimator", "null", "--estimator-options", '{"persons":1}', "--pool-size", "1")
LIMITS = ("--requests-per-minute", "100000000", "--header-timeout-ms", "2000", "--body-timeout-ms", "2000")


@dataclass(frozen=True)
class Held:
    """What a gateway holds: resident memory, open files and sockets, uploads that are not whole."""

    rss_mb: float
    descriptors: int
    parts: int


def measure(*, runs: int) -> dict[str, Any]:
    """Three rounds of every attack, whatever `runs`; requests made of the OpenAPI document only where the fuzzer is."""
    answers: dict[str, Counter[str]] = {name: Counter() for name in COUNTS}
    found: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        video = render(folder / "ride.mp4", seconds=1, seed=1, size="160x120")
        with gateway(folder, *FLAGS, *LIMITS, node_flags=NODE_FLAGS) as running:
            done = completed(running, video)
            before = _held(running, folder)
            looks: list[Held] = []
            cases = 0
            for _ in range(ROUNDS):
                for attack, count in COUNTS.items():
                    answers[attack].update(node.run(PROGRAM, attack, running.url, str(count)))
                if fuzzer.is_installed():
                    report = fuzzer.run(running.url, folder, jobs=[done], videos=[str(video)], seed=len(looks))
                    cases += report.cases
                    found += report.failures
                looks.append(_settled(running, folder, before))
            alive = running.client.get("/livez").status_code == 200
            errors = [line for line in running.log.read_text(encoding="utf-8").splitlines() if _is_error(line)]
    for error in errors[:3]:
        print(f"  in the log: {error[:300]}", flush=True)
    for failure in found:
        print(f"  fuzzer: {failure}", flush=True)
    if not fuzzer.is_installed():
        print(
            "  without requests made of the OpenAPI document: scripts/setup-fuzzer brings what makes them", flush=True
        )
    wrong = {name: _others(counts, EXPECTED.get(name, REFUSALS)) for name, counts in answers.items()}
    return {
        "rounds": ROUNDS,
        "node_flags": " ".join(NODE_FLAGS),
        "answers": {name: dict(sorted(counts.items())) for name, counts in answers.items()},
        "fuzzer_cases": cases,
        "fuzzer_failures": found,
        "before": vars(before),
        "after_each_round": [vars(look) for look in looks],
        "targets": [
            at_least("gateway alive", int(alive), 1, ""),
            at_most("errors in its log", len(errors), 0, ""),
            *(at_most(f"{name}: answers that are no refusal", count, 0, "") for name, count in wrong.items()),
            *(
                [at_most("requests of the fuzzer answered against the document", len(found), 0, f"of {cases}")]
                if cases
                else []
            ),
            at_most("descriptors left", looks[-1].descriptors - before.descriptors, 0, ""),
            at_most("incomplete uploads left", looks[-1].parts, 0, ""),
            at_most("growth of RSS in the last round", looks[-1].rss_mb - looks[-2].rss_mb, GROWTH_MB, "MB"),
        ],
    }


def _held(running: Running, folder: Path) -> Held:
    return Held(
        rss_mb=round(running.process.memory_info().rss / 1e6, 1),
        descriptors=running.process.num_fds(),
        parts=len(list((folder / "data").glob("uploads/.incoming-*"))),
    )


def _settled(running: Running, folder: Path, before: Held) -> Held:
    """Once sockets are closed and leftovers removed, or after a while."""
    until = time.monotonic() + SETTLE_S
    while True:
        held = _held(running, folder)
        if (held.descriptors <= before.descriptors and held.parts == 0) or time.monotonic() > until:
            return held
        time.sleep(0.2)


def _is_error(line: str) -> bool:
    """Of the gateway itself: jobs that the fuzzer gave a millisecond may fail."""
    entry = json.loads(line)
    return int(entry["level"]) >= ERROR_LEVEL and "job_id" not in entry


def _others(counts: Counter[str], expected: set[str]) -> int:
    return sum(count for status, count in counts.items() if status not in expected)
