"""Is there a driver through which torch could find a GPU? Told without importing it, which takes seconds and 200 MB."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

AMD_DEVICE = Path("/dev/kfd")  # of torch's builds for AMD, which say "cuda" too


def has_gpu_driver() -> bool:
    """False: torch finds no GPU here, whatever its build. True: it may."""
    if sys.platform == "darwin":
        return False
    if AMD_DEVICE.exists():
        return True
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")  # what torch itself asks for
    except OSError:
        return False
    return True
