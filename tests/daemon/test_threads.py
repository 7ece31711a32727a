"""A thread of the daemon does not die alone."""

from __future__ import annotations

import subprocess
import sys


def test_an_exception_that_gets_out_ends_the_process_with_its_traceback() -> None:
    program = (
        "import threading\n"
        "from sidecar.daemon.threads import start_thread\n"
        "def run(): raise ValueError('nobody foresaw this')\n"
        "start_thread('reader', run)\n"
        "threading.Event().wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30)
    assert done.returncode == 1
    assert b"ValueError: nobody foresaw this" in done.stderr
