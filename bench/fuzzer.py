"""Requests made of a gateway's OpenAPI document by schemathesis, which scripts/setup-fuzzer installs."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.node import ROOT

PROGRAM = ROOT / ".fuzzer" / "bin" / "schemathesis"
EXAMPLES = 100  # per route and phase
WORKERS = 2
REQUEST_TIMEOUT_S = 30
SHOWN_CHARACTERS = 2_000
# What the gateway does otherwise on purpose: a path that fits the schema may name no file, and text that fits may be no
# picture; a method that a route does not have is answered like a route that is not there; DELETE cancels a job, which
# stays to be looked at.
LEFT_OUT = ("positive_data_acceptance", "unsupported_method", "use_after_free")
CONFIG = """\
[dictionaries]
jobs = {{ values = {jobs} }}
videos = {{ values = {videos} }}

[parameters]
"path.id" = {{ dictionary = "jobs", probability = 0.5 }}
"path.job_id" = {{ dictionary = "jobs", probability = 0.5 }}
"body.video_path" = {{ dictionary = "videos", probability = 0.5 }}

[checks.negative_data_rejection]
expected-statuses = ["4xx"]

# The previous service read over what it did not know.
[[operations]]
include-tag = "previous service"
checks.negative_data_rejection.enabled = false
"""


@dataclass(frozen=True)
class Report:
    """What came of a run.

    Attributes:
        cases: requests that were made.
        failures: one line for each thing that was wrong, with the routes.
    """

    cases: int
    failures: list[str]


def is_installed() -> bool:
    """False before scripts/setup-fuzzer."""
    return PROGRAM.exists()


def run(url: str, folder: Path, *, jobs: Sequence[str], videos: Sequence[str], seed: int) -> Report:
    """Ask every route, half of the time for jobs and videos that are there.

    Args:
        folder: where its configuration and its report are written.

    Raises:
        RuntimeError: it made no report; the text is what it said.
    """
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG.format(jobs=json.dumps(list(jobs)), videos=json.dumps(list(videos))), encoding="utf-8")
    told = folder / "schemathesis.json"
    told.unlink(missing_ok=True)
    how = {"seed": seed, "max-examples": EXAMPLES, "workers": WORKERS, "request-timeout": REQUEST_TIMEOUT_S}
    command = [
        *(
            str(PROGRAM),
            "--config-file",
            str(config),
            "run",
            f"{url}/openapi.json",
            "--no-color",
            "--continue-on-failure",
        ),
        *(text for name, value in how.items() for text in (f"--{name}", str(value))),
        *("--exclude-checks", ",".join(LEFT_OUT), "--report", "json", "--report-json-path", str(told)),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if not told.exists():
        raise RuntimeError(f"schemathesis made no report: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    report = json.loads(told.read_text(encoding="utf-8"))
    failures = [
        f"{failure['code']} {failure['title']}: {', '.join(failure['operations'])}" for failure in report["failures"]
    ]
    errors = [_section(done.stdout, "ERRORS")] if report["errors"] else []
    return Report(report["test_cases"]["generated"], failures + errors)


def _section(text: str, title: str) -> str:
    """What stands under a heading such as `=== ERRORS ===`."""
    found = re.search(rf"^=+ {title} =+$(.*?)^=+ [A-Z]", text, re.M | re.S)
    return text[-SHOWN_CHARACTERS:] if found is None else found[1].strip()[:SHOWN_CHARACTERS]
