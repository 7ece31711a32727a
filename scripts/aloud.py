"""Run a command and never be silent: its output passes through, and a line says so after two quiet seconds."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time

QUIET_S = 2.0


def main(command: list[str]) -> int:
    if sys.stdout.isatty():  # there the command itself shows what it is at
        return subprocess.call(command)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    started_s = time.monotonic()
    with selectors.DefaultSelector() as quiet:
        quiet.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not quiet.select(QUIET_S):
                print(f"  … still at it ({time.monotonic() - started_s:.0f} s)", flush=True)
                continue
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                return process.wait()
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
