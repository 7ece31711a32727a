"""10,000 requests while a random daemon is killed every half second: what came back, and how soon a place recovers."""

from __future__ import annotations

from statistics import median, quantiles
from typing import Any

from bench import node
from bench.figures import at_most

POLICIES = ("tough", "default")
PROGRAM = node.ROOT / "tests" / "chaos" / "main.ts"
NEVER = ("lost", "untyped", "twice", "mixedUp", "miscounted", "unhandled", "symptoms", "unrecovered", "leftBehind")


def measure(*, runs: int) -> dict[str, Any]:
    """One run under each policy, whatever `runs`: the kills are many."""
    reports = {policy: node.run(PROGRAM, "--policy", policy, "--json", check=False) for policy in POLICIES}
    figures = {policy: _figures(report) for policy, report in reports.items()}
    for policy, shown in figures.items():
        print(f"  {policy}: {', '.join(f'{name} {value}' for name, value in shown.items())}", flush=True)
    tough = reports["tough"]
    return {
        "policies": figures,
        "targets": [
            at_most("tough policy: not answered", tough["sent"] - tough["answered"], 0, ""),
            *(
                at_most(f"{policy} policy: broken promises", sum(report[name] for name in NEVER), 0, "")
                for policy, report in reports.items()
            ),
        ],
    }


def _figures(report: dict[str, Any]) -> dict[str, Any]:
    recoveries: list[float] = report["recoveriesMs"]
    counts = {name: report[name] for name in ("seed", "sent", "answered", "failed", *NEVER, "kills", "retried")}
    return {
        **counts,
        "recovery_p50_ms": round(median(recoveries)),
        "recovery_p99_ms": round(quantiles(recoveries, n=100)[98]),
        "seconds": round(report["seconds"], 1),
    }
