"""Derive the imagined recordings from v1: python -m tests.skew.imagine.

`v9` speaks only major 9. `v1-later` is major 1 with what may be added to it: keys, capabilities, an optional type.
"""

from __future__ import annotations

import json
from typing import Any

from sidecar.wire.frames import encode_frame
from sidecar.wire.header import VERSION_BYTE, pack_header
from tests.conformance.talk import PIXELS, RAW, request
from tests.skew.transcript import FOLDER, load, row

END = json.dumps({"from": "daemon", "exit": 0})
OPTIONAL = pack_header(0x99, meta_bytes=3, body_bytes=4) + b"\x81\xa0\x01" + b"\xff\xfe\xfd\xfc"
DAEMON, CLIENT = False, True


def encode(message: dict[str, Any], body: bytes = b"", *, json_meta: bool = False, major: int = 1) -> bytes:
    """One frame of any major."""
    head, same_body = encode_frame(message, body, json_meta=json_meta)
    return head[:1] + bytes([VERSION_BYTE | major]) + head[2:] + bytes(same_body)


def optional(by_client: bool) -> str:
    """A frame of a type that nobody knows yet."""
    return json.dumps({"from": "client" if by_client else "daemon", "type": "optional", "bytes": OPTIONAL.hex()})


def major_9(hello: dict[str, Any], ready: dict[str, Any]) -> list[str]:
    """Two peers of a time when major 1 is gone."""
    hello = {**hello, "protocol": [9], "version": "9.0.0", "mascot": "seal"}
    init = {"type": "init", "protocol": 9, "estimator": "null", "mood": "calm"}
    return [
        row(DAEMON, encode(hello, json_meta=True, major=9)),
        row(CLIENT, encode(init, json_meta=True, major=9)),
        row(DAEMON, encode({**ready, "protocol": 9}, json_meta=True, major=9)),
        END,
    ]


def additions(hello: dict[str, Any], ready: dict[str, Any]) -> list[str]:
    """Two peers of major 1 that know more than ours."""
    hello = {**hello, "protocol": [1, 2], "capabilities": [*hello["capabilities"], "mesh"], "mascot": "seal"}
    result = {"type": "result", "id": 1, "width": 2, "height": 2, "persons": [], "arrays": [], "mesh": {"vertices": 0}}
    return [
        row(DAEMON, encode(hello, json_meta=True)),
        row(CLIENT, encode({"type": "init", "protocol": 1, "estimator": "null", "mood": "calm"}, json_meta=True)),
        row(DAEMON, encode({**ready, "mood": {"today": "calm"}}, json_meta=True)),
        optional(DAEMON),
        optional(CLIENT),
        row(CLIENT, encode(request(1, mesh=True, params={**RAW, "mesh": {"detail": 2}}), PIXELS)),
        row(DAEMON, encode(result)),
        row(CLIENT, encode({"type": "drain", "gently": True})),
        row(DAEMON, encode({"type": "bye", "reason": "drained", "mood": "calm"})),
        END,
    ]


def main() -> None:
    """Write both."""
    said = [step.message for step in load(FOLDER / "v1" / "estimates.jsonl") if step.data and not step.by_client]
    hello, ready = (next(one for one in said if one["type"] == kind) for kind in ("hello", "ready"))
    for folder, rows in (("v9", major_9(hello, ready)), ("v1-later", additions(hello, ready))):
        (FOLDER / folder / "estimates.jsonl").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
