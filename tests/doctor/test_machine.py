from __future__ import annotations

import os
from pathlib import Path

import pytest

from sidecar.doctor import machine
from sidecar.doctor.finding import OK, WARNING, Finding
from sidecar.doctor.imports import Tried
from sidecar.doctor.machine import DAEMON_BYTES, cgroup_memory, cpu_quota, machine_findings


def put(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def finding(name: str, tried: dict[str, Tried] | None = None) -> Finding:
    return next(one for one in machine_findings(tried or {}) if one.name == name)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, (None, 0), id="no container"),
        pytest.param({"memory_dot_max": "max", "memory_dot_current": "5"}, (None, 0), id="no limit"),
        pytest.param({"memory_dot_max": "1000", "memory_dot_current": "400"}, (1000, 400), id="version 2"),
        pytest.param(
            {"memory__memory_dot_limit_in_bytes": "1000", "memory__memory_dot_usage_in_bytes": "300"},
            (1000, 300),
            id="version 1",
        ),
        pytest.param({"memory__memory_dot_limit_in_bytes": "9223372036854771712"}, (None, 0), id="version 1, no limit"),
    ],
)
def test_the_container_limit_on_memory(files: dict[str, str], expected: tuple[int | None, int], tmp_path: Path) -> None:
    assert cgroup_memory(put(tmp_path, **files)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, None, id="no container"),
        pytest.param({"cpu_dot_max": "max 100000"}, None, id="no limit"),
        pytest.param({"cpu_dot_max": "150000 100000"}, 1.5, id="version 2"),
        pytest.param(
            {"cpu__cpu_dot_cfs_quota_us": "50000", "cpu__cpu_dot_cfs_period_us": "100000"}, 0.5, id="version 1"
        ),
        pytest.param(
            {"cpu__cpu_dot_cfs_quota_us": "-1", "cpu__cpu_dot_cfs_period_us": "100000"}, None, id="v1, no limit"
        ),
    ],
)
def test_the_container_limit_on_cores(files: dict[str, str], expected: float | None, tmp_path: Path) -> None:
    assert cpu_quota(put(tmp_path, **files)) == expected


def test_cores_are_those_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cpu_quota", lambda: None)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert (finding("cores").status, finding("cores").detail) == (OK, f"{usable} usable of {os.cpu_count()}")


def test_a_quota_below_the_cores_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cpu_quota", lambda: 0.5)
    assert finding("cores").status == WARNING
    assert "0.5 at a time" in finding("cores").detail


@pytest.mark.parametrize(
    ("available", "container", "status"),
    [
        pytest.param(10 * DAEMON_BYTES, (None, 0), OK, id="plenty"),
        pytest.param(DAEMON_BYTES - 1, (None, 0), WARNING, id="a full machine"),
        pytest.param(10 * DAEMON_BYTES, (2 * DAEMON_BYTES, DAEMON_BYTES + 1), WARNING, id="a full container"),
        pytest.param(None, (10 * DAEMON_BYTES, 0), OK, id="the container alone says"),
        pytest.param(10 * DAEMON_BYTES, (DAEMON_BYTES, 2 * DAEMON_BYTES), WARNING, id="a container over its limit"),
    ],
)
def test_memory_is_what_machine_and_container_both_allow(
    available: int | None, container: tuple[int | None, int], status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "available_bytes", lambda: available)
    monkeypatch.setattr(machine, "cgroup_memory", lambda: container)
    assert finding("memory").status == status


def test_devices_are_those_that_openvino_found() -> None:
    tried = {"openvino": Tried("openvino", devices=(("CPU", "A Processor"), ("GPU.0", "A Card")))}
    assert finding("device CPU", tried).detail == "A Processor (OpenVINO)"
    assert finding("device GPU.0", tried).detail == "A Card (OpenVINO)"
