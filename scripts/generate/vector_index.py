"""protocol/vectors/ -> protocol/vectors/index.json: which files there are, and their digests."""

from __future__ import annotations

import hashlib
import json

from scripts.generate.contract import PROTOCOL

FOLDER = PROTOCOL / "vectors"


def render() -> str:
    """Return the index's text."""
    paths = sorted(path for path in FOLDER.glob("*/*.json"))
    rows = {
        str(path.relative_to(FOLDER)): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "cases": len(json.loads(path.read_text())["cases"]),
        }
        for path in paths
    }
    return json.dumps({"files": rows}, indent=2) + "\n"
