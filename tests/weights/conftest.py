"""No test of this folder sees the model files, the settings or the proxies of the machine it runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

OURS = ("POSE_MODELS_DIR", "POSE_SERVICE_PATH", "POSE_OFFLINE", "POSE_MODELS_MIRROR", "XDG_CACHE_HOME")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*OURS, *PROXIES, *(proxy.lower() for proxy in PROXIES)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("POSE_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def local_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the index pip has."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if Path("/dev/null").exists() else "nul")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder
