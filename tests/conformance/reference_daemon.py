"""The smallest daemon that conforms, and, with --fault NAME, one that does not in exactly one way."""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import signal
import sys
from typing import Any

from sidecar.wire.frames import MalformedMeta, encode_frame, read_frame
from sidecar.wire.header import FrameTruncated, WireError
from sidecar.wire.jsonl import LineError, encode_line, read_line
from sidecar.wire.limits import DEFAULT_LIMITS
from sidecar.wire.messages import InvalidMessage, validate

FAULTS = {  # name -> the requirement it breaks
    "silent-start": "W-40",
    "wrong-nonce": "W-41",
    "ready-without-init": "W-44",
    "msgpack-ready": "W-16",
    "ready-twice": "W-46",
    "any-major": "W-43",
    "init-failed-exits-0": "W-47",
    "works-before-ready": "W-48",
    "init-twice": "W-49",
    "drain-without-bye": "W-82",
    "drain-drops-work": "W-81",
    "outlives-its-client": "W-83",
    "dies-of-sigint": "W-84",
    "dies-silently-of-text": "W-21",
    "wrong-exit-code": "W-21",
    "dies-of-bad-meta": "W-20",
    "dies-of-optional-types": "W-12",
    "result-without-end": "W-15",
    "answers-twice": "W-60",
    "never-answers": "W-60",
    "array-outside-body": "W-68",
    "wrong-result-id": "W-60",
    "unknown-op-is-invalid": "W-64",
    "reuses-ids": "W-63",
    "ignores-deadlines": "W-65",
    "batch-fails-whole": "W-67",
    "answers-stray-cancels": "W-70",
    "wrong-pong": "W-80",
    "drops-lines-after-failure": "W-38",
    "stops-at-bad-lines": "W-34",
    "bad-line-with-wrong-id": "W-33",
    "prints": "W-10",
}


class Daemon:
    """One connection; work is done as it is read."""

    def __init__(self, wire: str, fault: str | None, *, waits_for_init: bool) -> None:
        self.wire = wire
        self.waits_for_init = waits_for_init or wire == "frames"
        self.fault = fault
        self.is_ready = False
        self.last_id = 0
        self.output = sys.stdout.buffer
        self.input: io.BufferedReader = sys.stdin.buffer  # type: ignore[assignment]

    def run(self) -> int:
        """Return the exit code."""
        if self.fault == "silent-start":
            signal.pause()
        self.send(self.hello())
        if not self.waits_for_init or self.fault == "ready-without-init":
            self.get_ready()
        try:
            while (received := self.read()) is not None:
                code = self.handle(*received)
                if code is not None:
                    return code
        except WireError as error:
            return self.fail(error)
        if self.fault == "outlives-its-client" and self.wire == "frames":
            signal.pause()
        return 0 if self.wire == "jsonl" else 5

    def read(self) -> tuple[dict[str, Any], bytes] | None:
        """The next message that fits its schema; others are answered here."""
        while True:
            try:
                message, body = self.read_any()
                if message is None:
                    return None
                validate(message)
                return message, body
            except MalformedMeta as error:
                if self.fault == "dies-of-bad-meta":
                    raise WireError("meta") from None
                self.error(error.id if error.type == "request" else None, "INVALID_REQUEST", str(error))
            except InvalidMessage as error:
                self.error(self.id_of(message or {}), "INVALID_REQUEST", str(error))

    def read_any(self) -> tuple[dict[str, Any] | None, bytes]:
        """The next message, unchecked."""
        if self.wire == "frames":
            if self.fault == "dies-of-optional-types" and self.input.peek(3)[2:3] >= b"\x80":
                raise WireError("frame type over 127")
            frame = read_frame(self.input)
            return (None, b"") if frame is None else (frame.message, bytes(frame.body))
        while isinstance(line := read_line(self.input), LineError):
            self.error(line.id, line.code, line.message)
            if self.fault == "stops-at-bad-lines":
                sys.exit(1)
        text = line.get("body_b64") if line else None
        return line, base64.b64decode(text) if isinstance(text, str) else b""

    def handle(self, message: dict[str, Any], body: bytes) -> int | None:
        """Answer one message; an exit code ends the daemon."""
        kind = message["type"]
        if kind == "init":
            return self.init(message)
        if kind == "ping":
            seq = message["seq"] + (self.fault == "wrong-pong")
            self.send({"type": "pong", "seq": seq, "rss_bytes": 1, "running_id": None, "progress": 0})
        elif kind == "drain":
            if self.fault != "drain-without-bye":
                self.send({"type": "bye", "reason": "drained"})
            return 0
        elif kind in ("request", "frame"):
            self.work(message, body)
        elif self.fault == "answers-stray-cancels":
            self.error(message["id"], "CANCELLED", "cancelled")
        return None

    def init(self, message: dict[str, Any]) -> int | None:
        """Configure, once."""
        if self.is_ready and self.fault != "init-twice":
            self.error(None, "INVALID_REQUEST", "init came after start-up")
            return None
        estimator = message.get("estimator", "none")
        if message["protocol"] != 1 and self.fault != "any-major":
            return self.init_failed("VERSION_SKEW", f"asked for protocol {message['protocol']}, this speaks [1]")
        if estimator != "none":
            return self.init_failed("CONFIG_INVALID", f"unknown estimator {estimator!r}, known: none")
        self.get_ready()
        return None

    def init_failed(self, code: str, text: str) -> int:
        """Say why there is no READY."""
        fields = {"phase": "hello", "module": None, "package": None, "interpreter": sys.executable}
        self.send({"type": "init_failed", "code": code, "message": text, "hint": "-", "retryable": False, **fields})
        while self.wire == "jsonl" and (received := self.read()) is not None:
            if self.fault != "drops-lines-after-failure":
                self.error(received[0].get("id"), "NOT_READY", text)
        return 0 if self.fault == "init-failed-exits-0" else 3

    def get_ready(self) -> None:
        """Say READY."""
        if self.fault == "dies-of-sigint":
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        self.send(READY, json_meta=self.fault != "msgpack-ready")
        if self.fault == "ready-twice":
            self.send(READY)
        self.is_ready = True

    def work(self, message: dict[str, Any], body: bytes) -> None:
        """Find nobody in the image."""
        request_id = int(message["id"])
        params = message.get("params", {}) if message["type"] == "request" else message
        if not self.is_ready and self.fault != "works-before-ready":
            self.error(request_id, "NOT_READY", "not ready")
        elif self.wire == "frames" and request_id <= self.last_id and self.fault != "reuses-ids":
            self.error(None, "INVALID_REQUEST", f"ids must grow, got {request_id} after {self.last_id}")
        elif message.get("op", "estimate") != "estimate":
            code = "INVALID_REQUEST" if self.fault == "unknown-op-is-invalid" else "UNSUPPORTED_OP"
            self.error(request_id, code, f"unknown op {message['op']!r}")
        elif message.get("deadline_ms", 1) < 0.01 and self.fault != "ignores-deadlines":
            self.error(request_id, "DEADLINE_EXCEEDED", "too late")
        elif bool(body) == ("path" in params) or ("images" not in params and "width" not in params):
            self.error(request_id, "INVALID_REQUEST", "an image comes one way, raw ones with width and height")
        else:
            self.answer(request_id, params)
        self.last_id = max(self.last_id, request_id)

    def answer(self, request_id: int, params: dict[str, Any]) -> None:
        """Send the result, or what the fault makes of it."""
        result: dict[str, Any] = {"type": "result", "id": request_id + (self.fault == "wrong-result-id")}
        if "images" in params:
            bad = {"error": {"code": "DECODE_FAILED", "message": "not an image"}}
            good = {"width": 2, "height": 2, "persons": []}
            fails_all = self.fault == "batch-fails-whole"
            result["items"] = [bad if fails_all or "width" not in one else good for one in params["images"]]
        else:
            result |= {"width": int(params["width"]), "height": int(params["height"]), "persons": []}
        if self.fault == "array-outside-body":
            result["arrays"] = [{"name": "keypoints", "shape": [1, 33, 4], "offset": 0}]
        if self.fault == "prints":
            self.output.write(b"loading\n")
        if self.fault not in ("never-answers", "drain-drops-work"):
            self.send(result)
        if self.fault == "answers-twice":
            self.send(result)

    def error(self, request_id: int | None, code: str, text: str) -> None:
        """Send an error."""
        if self.fault == "bad-line-with-wrong-id" and self.wire == "jsonl":
            request_id = 1
        self.send({"type": "error", "id": request_id, "code": code, "message": text})

    def fail(self, fault: WireError) -> int:
        """End after a fatal fault."""
        if self.fault == "dies-silently-of-text" or isinstance(fault, FrameTruncated):
            return 4
        self.error(None, fault.code, str(fault))
        self.send({"type": "bye", "reason": "fatal"})
        return 1 if self.fault == "wrong-exit-code" else 4

    def send(self, message: dict[str, Any], *, json_meta: bool | None = None) -> None:
        """Write one message."""
        if self.wire == "jsonl":
            self.output.write(encode_line(message))
        else:
            as_json = json_meta if json_meta is not None else not self.is_ready
            head = bytearray(encode_frame(message, json_meta=as_json)[0])
            if self.fault == "result-without-end" and message["type"] == "result":
                head[3] &= ~1
            self.output.write(head)
        self.output.flush()

    def hello(self) -> dict[str, Any]:
        """HELLO."""
        nonce = "somebody" if self.fault == "wrong-nonce" else os.environ.get("POSE_SIDECAR_NONCE")
        return {
            **{"type": "hello", "product": "pose-sidecar", "protocol": [1], "version": "0", "wire": self.wire},
            **{"pid": os.getpid(), "ppid": os.getppid(), "executable": sys.executable, "python": "3"},
            **{"platform": sys.platform, "limits": DEFAULT_LIMITS._asdict(), "capabilities": [], "nonce": nonce},
        }

    @staticmethod
    def id_of(message: dict[str, Any]) -> int | None:
        """The id an error may carry."""
        value = message.get("id")
        return value if type(value) is int and 1 <= value <= 0xFFFFFFFE else None


READY: dict[str, Any] = {
    **{"type": "ready", "protocol": 1, "estimator": "none", "detector": None, "models": [], "device": "CPU"},
    **{"runtime": {"name": "none", "version": "0"}, "imports": [], "timings_ms": {}, "rss_bytes": 1},
    "skeleton": {"name": "none", "keypoints": [], "edges": [], "has_z": False, "has_world": False},
    **{"credits": {"requests": 2, "bytes": 1 << 20}, "batch": {"max": 8}, "warnings": []},
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wire", choices=("frames", "jsonl"), default="jsonl")
    parser.add_argument("--init", action="store_true", help="jsonl: wait for an init line")
    parser.add_argument("--fault", choices=sorted(FAULTS), help=json.dumps(FAULTS))
    options = parser.parse_args()
    if options.wire == "frames":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(Daemon(options.wire, options.fault, waits_for_init=options.init).run())
