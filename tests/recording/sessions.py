"""Fifty sessions with a fault in each: what the client sends, and how the session ends."""

from __future__ import annotations

import base64
import json
import signal
from dataclasses import dataclass, field
from typing import Any

from sidecar.wire.frames import encode_frame
from sidecar.wire.header import pack_header

END_OF_INPUT = "end of input"
PIXEL = bytes(60)


@dataclass(frozen=True)
class Session:
    """One recorded life.

    Attributes:
        sent: what the client writes after READY, or at once on jsonl.
        answers: how many terminal messages to wait for before the end.
        ending: END_OF_INPUT, or a signal that the daemon gets.
        flags: of the daemon, besides wire and recording.
    """

    name: str
    wire: str
    sent: bytes
    answers: int = 1
    ending: str | signal.Signals = END_OF_INPUT
    flags: tuple[str, ...] = field(default=("--estimator", "faulty"))


def picture(id_: object, width: int = 1, **changes: object) -> dict[str, Any]:
    """A frame message of jsonl whose image is `width` grey pixels."""
    fields = {"type": "frame", "id": id_, "format": "gray8", "width": width, "height": 1}
    return {**fields, "body_b64": base64.b64encode(PIXEL[:width]).decode(), **changes}


def lines(*messages: dict[str, Any] | bytes) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in messages)


def frames(*messages: tuple[dict[str, Any], bytes] | bytes) -> bytes:
    parts = [one if isinstance(one, bytes) else b"".join(encode_frame(*one, json_meta=True)) for one in messages]
    return b"".join(parts)


def request(id_: int, width: int = 1, *, body: bytes | None = None, **params: object) -> tuple[dict[str, Any], bytes]:
    chosen = {"format": "gray8", "width": width, "height": 1, **params}
    return {"type": "request", "id": id_, "op": "estimate", "params": chosen}, PIXEL[:width] if body is None else body


def _bad_pictures() -> list[Session]:
    jpeg = base64.b64encode(b"\xff\xd8\xff\xe0not much of a picture").decode()
    cases: dict[str, dict[str, Any]] = {
        "a torn jpeg": {"type": "frame", "id": 1, "body_b64": jpeg},
        "text for a picture": {"type": "frame", "id": 1, "body_b64": base64.b64encode(b"hello").decode()},
        "an empty body": {"type": "frame", "id": 1, "body_b64": ""},
        "no base64": {"type": "frame", "id": 1, "body_b64": "%%%"},
        "a path to nothing": {"type": "frame", "id": 1, "path": "no/such/picture.jpg"},
        "a raw body that is too short": picture(1, 40, body_b64=base64.b64encode(PIXEL[:4]).decode()),
        "a bomb": {**picture(1), "width": 100_000, "height": 100_000},
    }
    return [Session(name, "jsonl", lines(message)) for name, message in cases.items()]


def _bad_lines() -> list[Session]:
    cases = {
        "no json": b"{not json",
        "no utf-8": b'{"type":"frame","id":1,"path":"\xff"}',
        "no object": b"[1, 2]",
        "a lone number": b"7",
        "not a number": b'{"type":"frame","id":NaN}',
        "deep nesting": b'{"type":' + b"[" * 100 + b"]" * 100 + b"}",
        "an unknown type": b'{"type":"dance","id":1}',
        "no id": b'{"type":"frame","path":"x.jpg"}',
        "an id of text": b'{"type":"frame","id":"one","path":"x.jpg"}',
        "no source": b'{"type":"frame","id":1}',
        "two sources": b'{"type":"frame","id":1,"path":"x","body_b64":"AA=="}',
        "a score of text": b'{"type":"frame","id":1,"path":"x","min_score":"high"}',
        "an unknown operation": b'{"type":"request","id":1,"op":"dance"}',
    }
    return [Session(name, "jsonl", lines(line)) for name, line in cases.items()]


def _failing_estimators() -> list[Session]:
    widths = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]
    return [
        Session(f"estimator fault {width}", ("frames", "jsonl")[width % 2], _ask(width), answers=2) for width in widths
    ]


def _ask(width: int) -> bytes:
    """The fault, then a request that shows that the daemon lived on."""
    if width % 2:
        return lines(picture(1, width), picture(2))
    return frames(request(1, width), request(2))


def _deaths() -> list[Session]:
    widths = [30, 31, 32, 33, 34, 35, 36, 37, 38, 39]
    return [
        Session(
            f"death {width}",
            ("frames", "jsonl")[width % 2],
            lines(picture(1), picture(2, width)) if width % 2 else frames(request(1), request(2, width)),
            answers=1,
        )
        for width in widths
    ]


def _endings() -> list[Session]:
    drain = ({"type": "drain"}, b"")
    return [
        Session("a frame that is none", "frames", b"GET / HTTP/1.1\r\n\r\n"),
        Session("an unknown frame type", "frames", pack_header(9, meta_bytes=0, body_bytes=0)),
        Session("a drain", "frames", frames(request(1), drain, request(2)), answers=2),
        Session("a termination", "jsonl", lines(picture(1)), ending=signal.SIGTERM),
        Session("an unknown estimator", "jsonl", lines(picture(1)), flags=("--estimator", "nobody")),
    ]


SESSIONS = [*_bad_pictures(), *_bad_lines(), *_failing_estimators(), *_deaths(), *_endings()]
