"""READY: all facts measured, none assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.bootstrap.hello import PROTOCOL_MAJORS
from sidecar.bootstrap.packages import imports_report, install_warnings
from sidecar.daemon.config import Config
from sidecar.daemon.load import Loaded
from sidecar.daemon.pong import rss_bytes
from sidecar.daemon.scheduler import Credits


def ready_message(loaded: Loaded, config: Config, granted: Credits, timings_ms: Mapping[str, float]) -> dict[str, Any]:
    """What the client is told of the estimator in use and of this process."""
    info = loaded.estimator.info
    skeleton = info.skeleton
    return {
        "type": "ready",
        "protocol": PROTOCOL_MAJORS[-1],
        "estimator": info.name,
        "detector": info.detector,
        "models": [{"name": model.name, "file": str(model.path), "sha256": model.sha256} for model in info.models],
        "runtime": {"name": info.runtime[0], "version": info.runtime[1]},
        "device": info.device,
        "skeleton": {
            "name": skeleton.name,
            "keypoints": list(skeleton.keypoints),
            "edges": [list(edge) for edge in skeleton.edges],
            "has_z": skeleton.has_z,
            "has_world": skeleton.has_world,
        },
        "imports": imports_report(set(loaded.required)),
        "timings_ms": dict(timings_ms),
        "rss_bytes": rss_bytes(),
        "credits": {"requests": granted.requests, "bytes": granted.bytes},
        "batch": {"max": info.max_batch},
        "threads": config.threads,
        "warnings": [*loaded.warnings, *install_warnings()],
    }
