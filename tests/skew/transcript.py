"""Conversations on file: protocol/transcripts/*/*.jsonl (SPEC, section 9)."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.wire.frames import read_frame
from sidecar.wire.header import OPTIONAL_TYPE_BIT
from tests.paths import ROOT

FOLDER = ROOT / "protocol" / "transcripts"


@dataclass(frozen=True, slots=True)
class Step:
    """What one side wrote, or the daemon's exit."""

    by_client: bool
    data: bytes
    exit_code: int | None

    @property
    def is_optional(self) -> bool:
        """Whether `data` is a frame that a peer which does not know its type passes over."""
        return self.data[:1] == b"\xf7" and bool(self.data[2] & OPTIONAL_TYPE_BIT)

    @property
    def message(self) -> dict[str, Any]:
        """The message in `data`."""
        if self.data[:1] == b"\xf7":
            frame = read_frame(io.BytesIO(self.data), majors=frozenset(range(16)))
            assert frame is not None
            return frame.message
        message: dict[str, Any] = json.loads(self.data)
        return message


def wire_of(steps: list[Step]) -> str:
    """The encoding of a conversation."""
    return "frames" if steps[0].data[:1] == b"\xf7" else "jsonl"


def load(path: Path) -> list[Step]:
    """Read a conversation."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [Step(row["from"] == "client", _bytes(row), row.get("exit")) for row in rows]


def row(by_client: bool, data: bytes) -> str:
    """What one side wrote as a line of the file."""
    step = Step(by_client, data, None)
    is_frame = data[:1] == b"\xf7"
    content = {"bytes": data.hex()} if is_frame else {"text": data.decode()}
    side = "client" if by_client else "daemon"
    try:
        kind = {"type": step.message["type"]}
    except (ValueError, KeyError):
        kind = {}
    return json.dumps({"from": side, **kind, **content})


def _bytes(row: dict[str, Any]) -> bytes:
    return row["text"].encode() if "text" in row else bytes.fromhex(row.get("bytes", ""))
