"""The faulty estimator as an installed plugin, for daemons started by a test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.paths import ROOT


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let daemons find `--estimator faulty`, and keep their cache in `folder`/cache."""
    plugin = folder / "plugin"
    info = plugin / "plugin_faulty-1.0.dist-info"
    info.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("plugin_faulty.py"), plugin)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin-faulty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pose_sidecar.estimators]\nfaulty = plugin_faulty:SPEC\n")
    monkeypatch.setenv("PYTHONPATH", str(plugin))
    monkeypatch.setenv("POSE_CACHE_DIR", str(folder / "cache"))
    monkeypatch.chdir(ROOT)
