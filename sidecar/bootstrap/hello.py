"""The first message: who speaks, before anything that could fail."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict

from sidecar import __version__
from sidecar.wire.limits import Limits

PRODUCT = "pose-sidecar"  # another package is also called `sidecar`
PROTOCOL_MAJORS = (1,)
CAPABILITIES = ("batch", "cancel", "drain", "faces", "path", "ping", "raw", "regions", "video")
NONCE_VARIABLE = "POSE_SIDECAR_NONCE"


def hello_message(wire: str) -> Dict[str, Any]:
    """HELLO of this process on the given wire."""
    limits = Limits()
    return {
        "type": "hello",
        "protocol": list(PROTOCOL_MAJORS),
        "product": PRODUCT,
        "version": __version__,
        "wire": wire,
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "executable": sys.executable,
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "platform": sys.platform + "-" + _machine(),
        "limits": {
            "meta_bytes": limits.meta_bytes,
            "body_bytes": limits.body_bytes,
            "line_bytes": limits.line_bytes,
            "depth": limits.depth,
            "pixels": limits.pixels,
        },
        "capabilities": list(CAPABILITIES),
        "nonce": os.environ.get(NONCE_VARIABLE),
    }


def _machine() -> str:
    if sys.platform == "win32":
        return os.environ.get("PROCESSOR_ARCHITECTURE", "unknown").lower()
    return os.uname().machine
