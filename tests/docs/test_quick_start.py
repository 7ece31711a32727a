"""The quick start of the gateway, run from top to bottom in one shell, prints what it shows."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.test_readme import BLOCK

TEXT = (ROOT / "docs" / "quick-start.md").read_text(encoding="utf-8")
FOLDER = "demo-out/quick-start"
PORT = "5000"
BETWEEN = "--- next block ---"
LIMIT_S = 90.0


def blocks() -> list[tuple[str, str]]:
    """Commands with the output that is shown for them."""
    found = [match for match in BLOCK.finditer(TEXT) if match["kind"]]
    assert [match["kind"] for match in found] == ["shell", "output"] * (len(found) // 2)
    return [(command["text"], output["text"]) for command, output in zip(found[::2], found[1::2], strict=True)]


def stands_for(shown: str) -> str:
    """Word for word, but `…` is anything within a line."""
    return "[^\n]*".join(re.escape(part) for part in shown.strip().split("…"))


def free_port() -> str:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return str(chosen.getsockname()[1])


def run(script: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSE_GATEWAY_")}
    with subprocess.Popen(
        ["bash", "-e", "-c", script],
        cwd=ROOT,
        env={**environment, "POSE_PYTHON": sys.executable},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            printed, _ = shell.communicate(timeout=LIMIT_S)
        finally:
            # Whatever goes wrong, the gateway that the script started ends with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    assert shell.returncode == 0, printed
    return printed


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_every_block_prints_what_is_shown() -> None:
    if missing := [program for program in ("npm", "curl") if not shutil.which(program)]:
        pytest.skip(f"{missing[0]} is absent")
    if not (ROOT / "gateway" / "dist" / "cli" / "main.js").exists() or not (ROOT / ".models").is_dir():
        pytest.skip("scripts/setup has not been run")
    (ROOT / "demo-out").mkdir(exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory(dir=ROOT / "demo-out") as folder:
        name = Path(folder).relative_to(ROOT).as_posix()

        def here(text: str) -> str:
            return text.replace(FOLDER, name).replace(f"{PORT} ", f"{port} ").replace(f":{PORT}/", f":{port}/")

        printed = run(f"echo '{BETWEEN}'\n".join(here(command) for command, _ in blocks()))
        for (_, shown), said in zip(blocks(), printed.split(f"{BETWEEN}\n"), strict=True):
            assert re.fullmatch(stands_for(here(shown)), said.strip()), f"shown:\n{shown}\nprinted:\n{said}"
