"""No daemon outlives its client, whatever it is doing (fault 62)."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.child import PIXEL, Child, environment, request
from tests.paths import ROOT

LIMIT_S = 2.0  # protocol/SPEC.md W-83

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: pidfd is Linux's")


def ends(pid_descriptor: int, timeout_s: float) -> bool:
    """Has the process ended before the time is over?"""
    readable, _, _ = select.select([pid_descriptor], [], [], timeout_s)
    return bool(readable)


@pytest.mark.parametrize("state", ["greeted", "idle", "importing", "loading", "busy", "gil_held", "blocked_on_write"])
def test_a_daemon_ends_with_its_killed_parent(tmp_path: Path, state: str) -> None:
    command = [sys.executable, "-m", "tests.e2e.parent", state]
    env = environment(tmp_path)
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        daemon = os.pidfd_open(int(parent.stdout.readline()))
        try:
            assert not ends(daemon, 0)
            parent.kill()
            assert ends(daemon, LIMIT_S)
        finally:
            os.close(daemon)


@pytest.mark.parametrize("does", ["waits_for_cancel", "computes"])
def test_the_end_of_input_ends_busy_work(supervised: Callable[..., Child], does: str) -> None:
    """The parent is alive here: only the end of input tells."""
    child = supervised("odd", does=does)
    child.send(request(1), PIXEL)
    child.until_stderr(f"now: {does}")
    daemon = os.pidfd_open(child.pid)
    try:
        child.close_input()
        assert ends(daemon, LIMIT_S)
    finally:
        os.close(daemon)
    assert child.exit_code() == 5


def test_by_hand_a_daemon_outlives_its_shell(tmp_path: Path) -> None:
    """jsonl has no parent-death signal: people use nohup and close the terminal."""
    script = (
        "import subprocess, sys, os\n"
        "r, w = os.pipe()\n"
        "command = [sys.executable, '-m', 'sidecar', '--estimator', 'null']\n"
        "p = subprocess.Popen(command, stdin=r, stdout=subprocess.PIPE, pass_fds=(w,))\n"
        "while b'ready' not in p.stdout.readline()[:20]: pass\n"
        "print(p.pid, flush=True)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        daemon = os.pidfd_open(pid)
        try:
            assert parent.wait(10) == 0
            assert not ends(daemon, 0.2)
        finally:
            os.kill(pid, 9)
            os.close(daemon)
