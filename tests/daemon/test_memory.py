"""Freed image memory is used again instead of being asked for anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.daemon.memory import ARENAS

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


THREADS = """
import ctypes, sys, threading
from sidecar.daemon.memory import keep_freed_memory

kept = keep_freed_memory()
together = threading.Barrier(8)

def allocate():
    together.wait()
    blocks = [bytearray(700_000) for _ in range(8)]
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(file))
libc.fclose(ctypes.c_void_p(file))
print(kept)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: mallopt is glibc's")
def test_threads_share_few_arenas(tmp_path: Path) -> None:
    told = tmp_path / "malloc.xml"
    command = [sys.executable, "-c", THREADS, str(told)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    if done.stdout.strip() == "False":
        pytest.skip("platform: this C library has no mallopt")
    assert 1 <= told.read_text().count("<heap nr=") <= ARENAS
