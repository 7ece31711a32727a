"""Schemas and errors.json -> node-client/src/wire/generated/*.ts, by typescript.mjs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from scripts.generate.contract import NOTICE, ROOT, error_codes, schemas


def render() -> dict[str, str]:
    """Return the text of every generated TypeScript file by name.

    Raises:
        SystemExit: Node or its packages are missing.
    """
    node = _node()
    result = subprocess.run(
        [node, Path(__file__).with_suffix(".mjs")],
        input=json.dumps({"schemas": schemas(), "codes": error_codes(), "notice": NOTICE}),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if result.returncode != 0:
        raise SystemExit(f"{result.stderr}\nThe TypeScript generator failed; are the Node packages there? npm ci")
    files: dict[str, str] = json.loads(result.stdout)
    return files


def _node() -> str:
    """Return the project's own Node where there is one, else the machine's."""
    node = shutil.which("node", path=str(ROOT / "node_modules" / ".bin")) or shutil.which("node")
    if node is None:
        raise SystemExit("node is not on the PATH: scripts/setup brings one")
    return node
