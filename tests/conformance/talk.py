"""Steps that several checks share."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import fastjsonschema

from tests.conformance.peer import Peer, Received
from tests.conformance.requirements import Violation, expect
from tests.paths import ROOT

PIXELS = bytes(range(12))  # 2 x 2, rgb24: no decoder needed
RAW = {"format": "rgb24", "width": 2, "height": 2}


def request(request_id: int, **fields: Any) -> dict[str, Any]:
    """A request for an estimate on PIXELS."""
    return {"type": "request", "id": request_id, "op": "estimate", "params": RAW, **fields}


def greet(peer: Peer) -> dict[str, Any]:
    """Read HELLO."""
    hello = peer.receive().message
    expect(hello["type"] == "hello", f"the first message was {brief(hello)}")
    fits_schema(hello)
    return hello


def make_ready(peer: Peer) -> dict[str, Any]:
    """Go through the handshake."""
    greet(peer)
    if peer.wire == "frames":
        peer.send({"type": "init", "protocol": 1}, json_meta=True)
    while (message := peer.receive().message)["type"] == "progress":
        fits_schema(message)
    expect(message["type"] == "ready", f"expected ready, got {brief(message)}")
    fits_schema(message)
    return message


def answer(peer: Peer, *kinds: str) -> Received:
    """Return the next message, which must be of one of these types."""
    received = peer.receive()
    fits_schema(received.message)
    expect(received.message["type"] in kinds, f"expected {' or '.join(kinds)}, got {brief(received.message)}")
    return received


def refusal(peer: Peer, code: str, request_id: int | None) -> None:
    """Read an error of this code and id."""
    message = answer(peer, "error").message
    expect(message["code"] == code, f"expected the code {code}, got {brief(message)}")
    expect(message["id"] == request_id, f"expected the id {request_id}, got {brief(message)}")


def is_alive(peer: Peer, seq: int = 77) -> None:
    """Ping: the very next message must be the pong, so nothing else was said."""
    peer.send({"type": "ping", "seq": seq}, json_meta=True)
    message = answer(peer, "pong").message
    expect(message["seq"] == seq, f"expected a pong with seq {seq}, got {brief(message)}")


def dies_of_fault(peer: Peer, code: str) -> None:
    """The daemon reports a fatal fault and exits with code 4."""
    messages = [received.message for received in peer.rest()]
    errors = [message for message in messages if message["type"] == "error"]
    expect(errors, f"expected an error before the end, got {[brief(message) for message in messages]}")
    expect(errors[0]["code"] == code, f"expected the code {code}, got {brief(errors[0])}")
    expect(errors[0]["id"] is None, f"expected a null id, got {brief(errors[0])}")
    exit_code = peer.exit_code()
    expect(exit_code == 4, f"expected exit code 4, got {exit_code}")


def fits_schema(message: dict[str, Any]) -> None:
    """Raise Violation when a message breaks its schema."""
    try:
        _schema(message["type"])(message)
    except fastjsonschema.JsonSchemaValueException as error:
        raise Violation(f"{message['type']}: {error.message}") from None


def brief(message: dict[str, Any]) -> str:
    """A message, short enough for one line."""
    text = json.dumps(message)
    return text if len(text) <= 200 else text[:200] + "..."


@cache
def _schema(name: str) -> Any:
    path = ROOT / "protocol" / "schema" / f"{name}.json"
    if not path.is_file():
        raise Violation(f"there is no message type {name!r}")
    return fastjsonschema.compile(json.loads(path.read_text()), use_default=False)
