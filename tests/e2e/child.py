"""A daemon of ours as a child of the test."""

from __future__ import annotations

import base64
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conformance.peer import Peer, Received
from tests.paths import ROOT

PLUGINS = Path(__file__).parent / "plugins"
ENTRY_POINTS = "[pose_sidecar.estimators]\nodd = odd_estimator:SPEC\nslow_import = odd_estimator:SLOW_IMPORT\n"
PATIENCE_S = 20.0
PIXEL = b"\x80"


def daemon_command(*flags: str) -> list[str]:
    """The command line of a daemon in this checkout."""
    return [sys.executable, "-m", "sidecar", *flags]


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """The test's environment, with a cache of its own and the odd estimators installed as a distribution."""
    info = tmp_path / "site" / "odd-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    paths = os.pathsep.join([str(ROOT), str(PLUGINS), str(tmp_path / "site")])
    return {**os.environ, "PYTHONPATH": paths, "POSE_CACHE_DIR": str(tmp_path / "cache"), **changes}


def pixel(request_id: int, **fields: Any) -> dict[str, Any]:
    """A line whose image is one grey pixel."""
    image = {"format": "gray8", "width": 1, "height": 1, "body_b64": base64.b64encode(PIXEL).decode()}
    return {"type": "frame", "id": request_id, **image, **fields}


def request(request_id: int, **fields: Any) -> dict[str, Any]:
    """A request whose body is to be PIXEL."""
    params = {"format": "gray8", "width": 1, "height": 1}
    return {"type": "request", "id": request_id, "op": "estimate", "params": params, **fields}


class Child(Peer):
    """A running daemon; see `Peer`."""

    def __init__(self, *flags: str, wire: str, env: Mapping[str, str], patience_s: float = PATIENCE_S) -> None:
        self._stderr_text = b""
        self._stderr_grew = threading.Condition()
        command = daemon_command("--wire", wire, *flags)
        super().__init__(command, wire=wire, patience_s=patience_s, env=env)

    @property
    def pid(self) -> int:
        """Of the daemon."""
        return self._process.pid

    def until(self, kind: str) -> Received:
        """The next message of this type; those before it are passed over."""
        while (received := self.receive()).message["type"] != kind:
            pass
        return received

    def init(self, estimator: str, **fields: Any) -> dict[str, Any]:
        """Send INIT and wait for READY."""
        self.send({"type": "init", "protocol": 1, "estimator": estimator, **fields}, json_meta=True)
        return self.until("ready").message

    def send_nothing_until(self, monotonic_s: float) -> None:
        """Let the daemon's clock run: what is tested is that time passes between two writes."""
        while (left_s := monotonic_s - time.monotonic()) > 0:
            time.sleep(left_s)

    def until_stderr(self, words: str) -> None:
        """Wait until a line on stderr holds these words."""
        with self._stderr_grew:
            assert self._stderr_grew.wait_for(lambda: words in self.stderr(), self.patience_s), self.stderr()

    def stderr(self) -> str:
        """Everything on stderr so far."""
        return self._stderr_text.decode(errors="replace")

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the daemon alone."""
        self._process.send_signal(number)

    def _drain_stderr(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._stderr_grew:
                self._stderr_text += line
                self._stderr_grew.notify_all()
