"""Two threads that load their first models side by side do not stop each other for ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT
from tests.runtimes.tiny_model import save_tiny_model

# OpenVINO's first conversion asks for numpy's version inside a C++ lock; a sleep there gives the other thread its turn.
PROGRAM = """
import sys, threading, time
import numpy.lib._version as version
from pathlib import Path
from sidecar.runtimes.openvino import load_model

slow = version.NumpyVersion.__init__
def stall(self, text):
    time.sleep(0.3)
    slow(self, text)
version.NumpyVersion.__init__ = stall

path, digest = Path(sys.argv[1]), sys.argv[2]
def load():
    load_model(path, digest, outputs=("product",), threads=1, cache_dir=None, warn=print)
    loaded.append(1)
loaded = []
threads = [threading.Thread(target=load, daemon=True) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(loaded))
"""
LIMIT_S = 30.0


def test_first_loads_side_by_side_end(tmp_path: Path) -> None:
    path, digest = save_tiny_model(tmp_path)
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), digest],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=LIMIT_S,
        check=False,
    )
    assert finished.stdout.split() == ["2"], finished.stderr
