"""Whether torch could find a GPU, told by what lies on the machine."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

from sidecar.runtimes import gpu_driver
from sidecar.runtimes.gpu_driver import has_gpu_driver


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Libraries that were asked for; none is there."""
    names: list[str] = []

    def absent(name: str) -> None:
        names.append(name)
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", absent)
    monkeypatch.setattr(gpu_driver, "AMD_DEVICE", tmp_path / "kfd")
    monkeypatch.setattr(sys, "platform", "linux")
    return names


@pytest.mark.parametrize(("platform", "library"), [("linux", "libcuda.so.1"), ("win32", "nvcuda.dll")])
def test_the_driver_is_the_library_that_torch_loads(
    platform: str, library: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert not has_gpu_driver()
    assert asked == [library]
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert has_gpu_driver()


def test_an_amd_device_is_one(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "kfd").touch()
    assert has_gpu_driver()


def test_a_mac_has_none_that_torch_calls_cuda(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not has_gpu_driver()
    assert asked == []


@pytest.mark.torch
def test_it_never_denies_a_gpu_that_torch_sees() -> None:
    torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
    assert has_gpu_driver() or not torch.cuda.is_available()
