"""Rules for every test: where nothing is missing, nothing may be skipped."""

from __future__ import annotations

import os

import pytest

from tests.paths import FIXTURES

# Skips with these reasons are about the machine itself and may stay.
PLATFORM_REASONS = ("platform:",)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On our own CI, which has ../shared, a test that was skipped for a missing input is a failure."""
    if not (os.environ.get("CI") and FIXTURES.is_dir()):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = reporter.stats.get("skipped", [])
    unexpected = [report for report in skipped if not _reason(report).startswith(PLATFORM_REASONS)]
    for report in unexpected:
        reporter.write_line(f"skipped where it must run: {report.nodeid}: {_reason(report)}", red=True)
    if unexpected and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport) -> str:
    where = report.longrepr
    text = where[2] if isinstance(where, tuple) else str(where)
    return text.removeprefix("Skipped: ")
