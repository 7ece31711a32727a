"""Freed image memory is used again instead of being asked for anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import resource
from sidecar.daemon.memory import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        bytearray(8_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

kept = keep_freed_memory()
faults()
print(kept, faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: mallopt is glibc's")
def test_the_second_image_costs_no_page_faults() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True)
    kept, faults = done.stdout.split()
    if kept == "False":
        pytest.skip("platform: this C library has no mallopt")
    assert int(faults) < 100, "ten bytearrays of 8 MB have 20,000 pages"
