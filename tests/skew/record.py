"""Record this version: python -m tests.skew.record FOLDER COMMAND... (with an estimator that finds nobody)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sidecar.wire.frames import encode_frame
from tests.conformance.lines import frame
from tests.conformance.peer import Peer, Received
from tests.conformance.talk import PIXELS, RAW, request
from tests.paths import ROOT
from tests.skew.transcript import row

_NEUTRAL = {"pid": 4242, "ppid": 4241, "executable": "/venv/bin/python", "nonce": "recorded"}


class Recording(Peer):
    """A peer that writes down what is said. Each daemon message is awaited before the client goes on."""

    def __init__(self, command: list[str], *, wire: str) -> None:
        super().__init__(command, wire=wire, patience_s=20.0)
        self.rows: list[str] = []

    def say(self, data: bytes, *answers: str) -> None:
        """Write these bytes and await messages until one of each of these types came."""
        self.rows.append(row(True, data))
        self.write(data)
        self.hear(*answers)

    def hear(self, *answers: str) -> None:
        """Await these types in order, writing down what comes; progress is not kept, it varies."""
        for kind in answers:
            while (received := self.receive()).message["type"] == "progress":
                pass
            if received.message["type"] != kind:
                raise SystemExit(f"expected {kind}, got {received.message}")
            self.rows.append(row(False, _neutral(received, self.wire)))

    def end(self) -> None:
        """Close the input and write down the exit code."""
        self.close_input()
        self.rows.append(json.dumps({"from": "daemon", "exit": self.exit_code()}))


def estimates(peer: Recording) -> None:
    """Handshake, one image, a batch, refusals, a cancel that comes too late, and a clean end."""
    peer.hear("hello")
    peer.say(peer.encoded({"type": "init", "protocol": 1, "estimator": "null"}, json_meta=True), "ready")
    peer.say(peer.encoded({"type": "ping", "seq": 1}), "pong")
    peer.say(peer.encoded(request(1), PIXELS), "result")
    images = [{**RAW, "offset": 0, "length": 12}, {**RAW, "offset": 12, "length": 12}]
    batch = {"type": "request", "id": 2, "op": "estimate", "params": {"images": images}}
    peer.say(peer.encoded(batch, PIXELS * 2), "result")
    peer.say(peer.encoded({"type": "request", "id": 3, "op": "dance"}), "error")
    peer.say(peer.encoded({"type": "cancel", "id": 2}))
    peer.say(peer.encoded({"type": "ping", "seq": 2}), "pong")
    peer.say(peer.encoded({"type": "drain"}), "bye")
    peer.end()


def failed_start(peer: Recording) -> None:
    """An estimator that nobody has."""
    peer.hear("hello")
    peer.say(peer.encoded({"type": "init", "protocol": 1, "estimator": "no-such"}, json_meta=True), "init_failed")
    peer.end()


def by_hand(peer: Recording) -> None:
    """Two lines, a bad one, and the end of input."""
    peer.hear("hello", "ready")
    peer.say(peer.encoded(frame(1)), "result")
    peer.say(b"hello\n", "error")
    peer.say(peer.encoded(request(2, body_b64="AAECAwQFBgcICQoL")), "result")
    peer.end()


SESSIONS: list[tuple[str, Callable[[Recording], None]]] = [
    ("frames", estimates),
    ("frames", failed_start),
    ("jsonl", by_hand),
]


def main(folder: str, *command: str) -> None:
    """Write one file per session."""
    for wire, session in SESSIONS:
        with Recording([*command, "--wire", wire], wire=wire) as peer:
            session(peer)
        text = "\n".join(peer.rows) + "\n"
        if str(ROOT) in text or str(ROOT).encode().hex() in text:
            raise SystemExit(f"{session.__name__}: a path of this machine is in the recording")
        Path(folder, f"{session.__name__.replace('_', '-')}.jsonl").write_text(text)


def _neutral(received: Received, wire: str) -> bytes:
    """The bytes as they came, but for what HELLO and INIT_FAILED say of this machine."""
    message: dict[str, Any] = received.message
    if message["type"] == "hello":
        message = {**message, **_NEUTRAL}
    elif message["type"] == "init_failed":
        message = {**message, "interpreter": _NEUTRAL["executable"], "traceback_tail": None, "command": None}
    else:
        return received.raw
    return encode_frame(message, json_meta=True)[0] if wire == "frames" else json.dumps(message).encode() + b"\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
