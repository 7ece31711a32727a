"""Programs for Node that the benchmarks run: each prints one JSON value and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
# A current Node comes with the packages where the machine's own is too old.
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join([str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]])}


def command(script: Path, *arguments: str, flags: tuple[str, ...] = ()) -> list[str]:
    """How to run a script; for TypeScript Node takes the types out by itself."""
    types = ("--experimental-strip-types", "--no-warnings") if script.suffix == ".ts" else ()
    return ["node", *types, *flags, str(script), *arguments]


def run(script: Path, *arguments: str, flags: tuple[str, ...] = (), check: bool = True) -> Any:
    """Run a script to its end and return what it printed, read as JSON.

    Raises:
        subprocess.CalledProcessError: it ended with an exit code other than 0, and `check` is set.
    """
    done = subprocess.run(
        command(script, *arguments, flags=flags),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
        check=check,
    )
    return json.loads(done.stdout)
