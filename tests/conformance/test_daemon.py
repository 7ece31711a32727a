"""Our daemon conforms."""

from __future__ import annotations

import sys

import pytest

from tests.conformance.requirements import CHECKS, Check
from tests.conformance.runner import run_check

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: the runner ends process groups")
DAEMON = [sys.executable, "-m", "sidecar", "--estimator", "null"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.wire}: {check.name}")
def test_our_daemon_passes(check: Check) -> None:
    outcome = run_check(check, DAEMON, patience_s=20.0)
    assert outcome.violation is None, outcome.stderr
