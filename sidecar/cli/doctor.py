"""`python -m sidecar doctor`: every finding at once, each with its fix."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from sidecar import __version__
from sidecar.doctor.families import family_findings
from sidecar.doctor.finding import OK, PROBLEM, WARNING, Finding
from sidecar.doctor.imports import Tried
from sidecar.doctor.installation import import_finding, package_findings, try_core
from sidecar.doctor.interpreter import interpreter_facts, python_version, virtual_environment
from sidecar.doctor.machine import machine_findings
from sidecar.doctor.places import place_findings, weights_finding

FINE = 0
PROBLEMS = 1

FIRST = "the five checks"
FIRST_MODULES = {"cv2": "OpenCV (cv2)", "numpy": "NumPy"}

_SIGNS = {OK: "✓", WARNING: "!", PROBLEM: "✗"}
_ASCII_SIGNS = {OK: "ok", WARNING: "!!", PROBLEM: "XX"}


def main(argv: list[str]) -> int:
    """Examine this installation. Returns 0: the default model can start; 1: something keeps it from that."""
    parser = argparse.ArgumentParser(
        prog="python -m sidecar doctor",
        description="Say what works here, what does not, and how to mend it.",
        epilog="Exit code 0: the default model can start (there may be warnings); 1: it cannot; 2: wrong usage.",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    arguments = parser.parse_args(argv)
    findings = examine()
    healthy = all(finding.status != PROBLEM for finding in findings)
    if arguments.json:
        report = {"ok": healthy, "version": __version__, "interpreter": sys.executable}
        print(json.dumps({**report, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        _print(findings)
    return FINE if healthy else PROBLEMS


def examine() -> list[Finding]:
    """Run all probes, the five that people ask for first at the top."""
    tried = try_core()
    return [
        python_version(FIRST),
        virtual_environment(FIRST),
        *(import_finding(FIRST, name, tried.get(module, Tried(module))) for module, name in FIRST_MODULES.items()),
        weights_finding(FIRST),
        *interpreter_facts(),
        *package_findings(tried, shown=set(FIRST_MODULES)),
        *family_findings(),
        *machine_findings(tried),
        *place_findings(),
    ]


def _print(findings: list[Finding]) -> None:
    signs = _SIGNS if _can_print(_SIGNS[OK]) else _ASCII_SIGNS
    width = max(len(finding.name) for finding in findings)
    group = None
    told: dict[str, str] = {}
    for finding in findings:
        if finding.group != group:
            print("{}{}".format("" if group is None else "\n", finding.group))
            group = finding.group
        print("  {} {:<{}}  {}".format(signs[finding.status], finding.name, width, finding.detail))
        if finding.hint:
            first = told.setdefault(finding.hint, finding.name)
            hint = finding.hint if first == finding.name else f"the same as for {first}"
            print("  {}   fix: {}".format(" " * (len(signs[OK]) + width), hint))
    problems = sum(finding.status == PROBLEM for finding in findings)
    warnings = sum(finding.status == WARNING for finding in findings)
    verdict = "The default model can start." if not problems else "The default model cannot start."
    print(f"\n{verdict} {problems} problems, {warnings} warnings.")


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
