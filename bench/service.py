"""A gateway in a process of its own, as an operator runs it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench import node

LIMIT_S = 120.0  # for a short job


@dataclass(frozen=True)
class Running:
    """A gateway that runs, and the file of its log.

    Attributes:
        url: without a slash at its end.
    """

    url: str
    client: httpx.Client
    process: psutil.Process
    log: Path

    def daemons(self) -> list[psutil.Process]:
        """Of its pool; what comes and goes with each video is left out."""
        workers = self.client.get("/v1/stats").raise_for_status().json()["pool"]["workers"]
        return [psutil.Process(worker["pid"]) for worker in workers]


@contextmanager
def gateway(folder: Path, *flags: str, node_flags: tuple[str, ...] = ()) -> Iterator[Running]:
    """Until it is ready, then to its end.

    Args:
        folder: where its data, its logs and the videos it may read are.
        flags: as on the command line; they come last and win.
        node_flags: of the program that runs it.

    Raises:
        RuntimeError: it did not start; the text has its log.
    """
    log = folder / "log.jsonl"
    program = node.ROOT / "gateway" / "bin" / "pose-gateway.cjs"
    places = ["--port", "0", "--host", "127.0.0.1", "--data-dir", folder / "data", "--log-dir", folder / "logs"]
    own = [*map(str, places), "--root", str(folder), "--python", sys.executable]
    command = node.command(program, "serve", *own, *flags, flags=node_flags)
    with log.open("wb") as out, subprocess.Popen(command, cwd=node.ROOT, env=node.ENVIRONMENT, stdout=out) as process:
        try:
            url = _listening(log, process)
            with httpx.Client(base_url=url, timeout=30) as client:
                while client.get("/readyz").status_code != 200:
                    time.sleep(0.1)
                yield Running(url, client, psutil.Process(process.pid), log)
        finally:
            process.terminate()


def render(path: Path, *, seconds: float, seed: int, size: str = "640x360") -> Path:
    """A video of a mannequin."""
    flags = ["--seconds", str(seconds), "--seed", str(seed), "--size", size]
    subprocess.run([sys.executable, "-m", "sidecar", "sample", path, *flags], check=True, capture_output=True)
    return path


def completed(running: Running, video: Path) -> str:
    """The id of a job whose result can be asked for.

    Raises:
        RuntimeError: it was not completed in time.
    """
    job = running.client.post("/v1/jobs", json={"video_path": str(video), "overlay": False}).raise_for_status().json()
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        state = running.client.get(f"/v1/jobs/{job['id']}").raise_for_status().json()["state"]
        if state == "completed":
            return str(job["id"])
        time.sleep(0.1)
    raise RuntimeError(f"job {job['id']} was not completed after {LIMIT_S} s")


def _listening(log: Path, process: subprocess.Popen[bytes]) -> str:
    while process.poll() is None:
        if found := re.search(r"listening on (http:[^\"]+)", log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"the gateway did not start: {log.read_text(encoding='utf-8')}")
