"""Watching the parent where the kernel does not; tests/e2e/test_orphans.py has the whole daemon."""

from __future__ import annotations

import os
import select
import subprocess
import sys

import pytest

from sidecar.bootstrap.exit_codes import PEER_GONE
from tests.paths import ROOT

WATCHER = """
import os, threading
from sidecar.bootstrap import parent_watch
parent_watch._kernel_watches = lambda: False
parent_watch.watch_parent(os.getppid())
print(os.getpid(), flush=True)
threading.Event().wait()
"""
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {WATCHER!r}]); sys.stdin.read()"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: pidfd is Linux's")
def test_polling_ends_the_process_with_its_parent() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdin=pipe, stdout=pipe) as parent:
        assert parent.stdout is not None
        watcher = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        readable, _, _ = select.select([watcher], [], [], 20)
        os.close(watcher)
    assert readable


def test_a_parent_that_died_before_the_watch_began_ends_the_process() -> None:
    program = "from sidecar.bootstrap.parent_watch import watch_parent; watch_parent(2**22); print('alive')"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=20)
    assert (done.returncode, done.stdout) == (PEER_GONE, b"")
