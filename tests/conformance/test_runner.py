"""The runner passes a daemon that conforms, and names the requirement that any other breaks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conformance.reference_daemon import FAULTS
from tests.conformance.requirements import CHECKS, Check
from tests.conformance.runner import run_check
from tests.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: the runner ends process groups")
REFERENCE = [sys.executable, "-m", "tests.conformance.reference_daemon"]
GENEROUS_S = 20.0
SHORT_S = 2.0  # for daemons that are known to be silent: only how long the test takes


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.wire}: {check.name}")
def test_a_conforming_daemon_passes(check: Check) -> None:
    outcome = run_check(check, REFERENCE, patience_s=GENEROUS_S)
    assert outcome.violation is None, outcome.stderr


@pytest.mark.parametrize(("fault", "requirement"), FAULTS.items())
def test_a_fault_is_met_by_a_check_of_its_requirement(fault: str, requirement: str) -> None:
    citing = [check for check in CHECKS if requirement in check.requirements]
    outcomes = (run_check(check, [*REFERENCE, "--fault", fault], patience_s=SHORT_S) for check in citing)
    assert any(outcome.violation for outcome in outcomes)


def test_the_command_prints_what_failed_and_its_text() -> None:
    command = [sys.executable, "-m", "tests.conformance", "--wire", "jsonl", "--", *REFERENCE, "--fault", "wrong-pong"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert "FAIL jsonl  answers bad lines and goes on" in done.stdout
    assert "expected a pong with seq 77" in done.stdout
    assert "[W-34] After every such error the daemon MUST answer the next line." in done.stdout
    assert "ok   jsonl  drains by hand" in done.stdout


def test_a_command_that_is_no_daemon_fails_every_check() -> None:
    outcomes = [
        run_check(check, [sys.executable, "-c", "print('hello')"], patience_s=GENEROUS_S) for check in CHECKS[:2]
    ]
    assert all(outcome.violation for outcome in outcomes)
