"""Cores, memory and devices, as this process may use them: a container sees less than its host has."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from sidecar.bootstrap.cores import usable_cores
from sidecar.doctor.finding import OK, WARNING, Finding
from sidecar.doctor.imports import Tried

GROUP = "machine"
DAEMON_BYTES = 260 * 1024 * 1024  # resident memory of a default daemon, with room

_CGROUP = Path("/sys/fs/cgroup")


def machine_findings(tried: dict[str, Tried]) -> Iterator[Finding]:
    """What there is to work with."""
    yield _cores()
    yield from _memory()
    yield from _devices(tried)


def _cores() -> Finding:
    total = os.cpu_count() or 1
    usable = usable_cores()
    detail = f"{usable} usable of {total}"
    quota = cpu_quota()
    if quota is not None and quota < usable:
        detail += f", but this container may use {quota:g} at a time"
        threads = max(1, int(quota))
        return Finding(GROUP, "cores", WARNING, detail, f"Start daemons with --threads {threads} in all.")
    return Finding(GROUP, "cores", OK, detail)


def _memory() -> Iterator[Finding]:
    available = available_bytes()
    limit, used = cgroup_memory()
    if limit is not None:
        room = max(0, limit - used)
        available = room if available is None else min(available, room)
    if available is None:
        return
    detail = f"{_megabytes(available)} available"
    if limit is not None:
        detail += f" ({_megabytes(used)} of the container's {_megabytes(limit)} in use)"
    if available < DAEMON_BYTES:
        hint = f"A default daemon needs up to {_megabytes(DAEMON_BYTES)}. Free memory, or raise the limit."
        yield Finding(GROUP, "memory", WARNING, detail, hint)
    else:
        yield Finding(GROUP, "memory", OK, f"{detail}: room for {available // DAEMON_BYTES} daemons")


def _devices(tried: dict[str, Tried]) -> Iterator[Finding]:
    for name, what in tried["openvino"].devices if "openvino" in tried else ():
        yield Finding(GROUP, "device " + name, OK, f"{what} (OpenVINO)")
    cards = [path for path in Path("/dev").glob("nvidia[0-9]*") if os.access(path, os.R_OK)]
    if cards:
        yield Finding(GROUP, "device GPU", OK, f"{len(cards)} NVIDIA, for torch model families")
    elif not any(one.devices for one in tried.values()):
        yield Finding(GROUP, "device CPU", OK, platform.processor() or platform.machine())


def available_bytes() -> int | None:
    """Memory that can be had without swapping; None where the platform does not say."""
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    try:
        import psutil
    except ImportError:
        return None
    return int(psutil.virtual_memory().available)


def cgroup_memory(root: Path = _CGROUP) -> tuple[int | None, int]:
    """(limit, in use) of this container in bytes; the limit is None where there is none."""
    for limit_file, used_file in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        limit = "".join(_lines(root / limit_file)).strip()
        used = "".join(_lines(root / used_file)).strip()
        # Version 1 says "no limit" with a number near 2**63.
        if limit.isdigit() and int(limit) < 2**60:
            return int(limit), int(used) if used.isdigit() else 0
    return None, 0


def cpu_quota(root: Path = _CGROUP) -> float | None:
    """How many cores' worth of time this container gets; None: no limit."""
    parts = "".join(_lines(root / "cpu.max")).split()
    if len(parts) == 2 and parts[0].isdigit() and parts[1].isdigit():
        return int(parts[0]) / int(parts[1])
    quota = "".join(_lines(root / "cpu/cpu.cfs_quota_us")).strip()
    period = "".join(_lines(root / "cpu/cpu.cfs_period_us")).strip()
    if quota.isdigit() and period.isdigit() and int(period) > 0:
        return int(quota) / int(period)
    return None


def _lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.readlines()
    except OSError:
        return []


def _megabytes(size: int) -> str:
    return f"{size // (1024 * 1024):,} MB"
