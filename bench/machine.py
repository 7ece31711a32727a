"""What a figure was measured on."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import psutil

from sidecar.bootstrap.cores import usable_cores


def describe() -> dict[str, object]:
    """Facts of this machine and of the packages that decide speed."""
    return {
        "cpu": _cpu_name(),
        "cores": usable_cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("numpy", "openvino", "av", "msgpack", "orjson")},
    }


def _cpu_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
