"""Recordings for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sidecar.recording.format import FORMAT_VERSION, encode_record

SESSION: dict[str, Any] = {"type": "recording", "format": FORMAT_VERSION, "wire": "frames", "arguments": []}


def write_recording(path: Path, *records: tuple[dict[str, Any], bytes], session: dict[str, Any] = SESSION) -> None:
    """Write a recording by hand; record i gets the time i ms."""
    data = encode_record(session)
    for index, (message, body) in enumerate(records):
        data += encode_record({"recorded_ms": index, **message}, len(body)) + body
    path.write_bytes(data)


def request(id_: int, body: bytes = b"") -> tuple[dict[str, Any], bytes]:
    return {"type": "request", "id": id_, "op": "estimate"}, body


def result(id_: int) -> tuple[dict[str, Any], bytes]:
    return {"type": "result", "id": id_}, b""


def error(id_: int | None, code: str) -> tuple[dict[str, Any], bytes]:
    return {"type": "error", "id": id_, "code": code, "message": "m", "retryable": False}, b""


def line(text: bytes) -> tuple[dict[str, Any], bytes]:
    return {"type": "received"}, text
