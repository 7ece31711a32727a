"""A parent to be killed: brings a daemon into a state, prints its pid, and stays until SIGKILL.

Usage: python parent.py STATE. Works on the daemon's bytes itself, as any client would.
"""

import fcntl
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from typing import Any

from sidecar.wire.frames import encode_frame, read_frame

PIPE_BYTES = 65536
ONE = {"format": "gray8", "width": 1, "height": 1, "offset": 0, "length": 1}


class Daemon:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "sidecar", "--wire", "frames"]
        pipe = subprocess.PIPE
        self.process: Any = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        self.until("hello")

    def send(self, message: dict[str, Any], body: bytes = b"") -> None:
        self.process.stdin.write(b"".join(encode_frame(message, body, json_meta=True)))
        self.process.stdin.flush()

    def until(self, kind: str) -> None:
        while (frame := read_frame(self.process.stdout)) is None or frame.type != kind:
            assert frame is not None, "the daemon ended"

    def until_stderr(self, words: bytes) -> None:
        while words not in (line := self.process.stderr.readline()):
            assert line, "the daemon ended"

    def init(self, estimator: str, **options: Any) -> None:
        self.send({"type": "init", "protocol": 1, "estimator": estimator, "options": options})

    def ready(self, estimator: str, **options: Any) -> None:
        self.init(estimator, **options)
        self.until("ready")

    def request(self, number: int, **params: Any) -> None:
        self.send({"type": "request", "id": number, "op": "estimate", "params": params}, b"\x80")


def greeted(daemon: Daemon) -> None:
    pass


def idle(daemon: Daemon) -> None:
    daemon.ready("null")


def importing(daemon: Daemon) -> None:
    daemon.init("slow_import")
    daemon.until_stderr(b"now: imports")


def loading(daemon: Daemon) -> None:
    daemon.init("odd", does="loads")
    daemon.until_stderr(b"now: loads")


def busy(daemon: Daemon) -> None:
    _works(daemon, "computes")


def gil_held(daemon: Daemon) -> None:
    _works(daemon, "holds_the_gil")


def blocked_on_write(daemon: Daemon) -> None:
    daemon.ready("null", persons=64)
    daemon.request(1, images=[ONE] * 32)
    waiting = b"\0" * 4
    while struct.unpack("i", waiting)[0] < PIPE_BYTES:
        waiting = fcntl.ioctl(daemon.process.stdout, termios.FIONREAD, b"\0" * 4)


def _works(daemon: Daemon, does: str) -> None:
    daemon.ready("odd", does=does)
    daemon.request(1, format="gray8", width=1, height=1)
    daemon.until_stderr(b"now: " + does.encode())


STATES: dict[str, Callable[[Daemon], None]] = {
    one.__name__: one for one in (greeted, idle, importing, loading, busy, gil_held, blocked_on_write)
}

if __name__ == "__main__":
    daemon = Daemon()
    STATES[sys.argv[1]](daemon)
    print(daemon.process.pid, flush=True)
    signal.pause()
