"""Frames: requests and their one answer."""

from __future__ import annotations

from typing import Any

from sidecar.wire.header import FLAG_END
from tests.conformance.requirements import Start, check, expect
from tests.conformance.talk import PIXELS, RAW, answer, brief, is_alive, make_ready, refusal, request


@check("frames", "W-10", "W-15", "W-60", "W-68", "W-69")
def answers_a_request_once(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send(request(7), PIXELS)
        received = answer(peer, "result")
        result, header = received.message, received.header
        assert header is not None
        expect(result["id"] == 7, f"expected the id 7, got {brief(result)}")
        expect(header.flags & FLAG_END, f"END must be set, flags are 0x{header.flags:02x}")
        expect((result.get("width"), result.get("height")) == (2, 2), f"expected 2 x 2, got {brief(result)}")
        for array in result.get("arrays", []):
            _lies_in_body(array, received.body)
        is_alive(peer)


@check("frames", "W-15", "W-64")
def refuses_an_unknown_op(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send({"type": "request", "id": 1, "op": "dance"})
        received = answer(peer, "error")
        assert received.header is not None
        expect(received.message["code"] == "UNSUPPORTED_OP", f"got {brief(received.message)}")
        expect(received.header.flags & FLAG_END, f"END must be set, flags are 0x{received.header.flags:02x}")
        is_alive(peer)


@check("frames", "W-71")
def refuses_what_does_not_fit_the_schema(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send({"type": "request", "id": 1})
        refusal(peer, "INVALID_REQUEST", 1)
        peer.send(request(2, params={**RAW, "min_score": "x"}), PIXELS)
        message = answer(peer, "error").message
        expect("min_score" in message["message"], f"the message must name the path: {message['message']!r}")
        peer.send({"type": "request", "op": "estimate"})
        refusal(peer, "INVALID_REQUEST", None)
        is_alive(peer)


@check("frames", "W-63")
def refuses_ids_that_do_not_grow(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send(request(5), PIXELS)
        answer(peer, "result")
        for used in (5, 4):
            peer.send(request(used), PIXELS)
            refusal(peer, "INVALID_REQUEST", None)
        peer.send(request(6), PIXELS)
        answer(peer, "result")


@check("frames", "W-65")
def does_not_start_what_nobody_waits_for(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send(request(1, deadline_ms=1e-6), PIXELS)
        refusal(peer, "DEADLINE_EXCEEDED", 1)


@check("frames", "W-66")
def wants_an_image_one_way(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send(request(1))
        refusal(peer, "INVALID_REQUEST", 1)
        peer.send(request(2, params={**RAW, "path": "a.jpg"}), PIXELS)
        refusal(peer, "INVALID_REQUEST", 2)
        peer.send(request(3, params={"format": "rgb24"}), PIXELS)
        refusal(peer, "INVALID_REQUEST", 3)
        is_alive(peer)


@check("frames", "W-67")
def answers_a_batch_item_by_item(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        images = [
            {**RAW, "offset": 0, "length": 12},
            {"format": "png", "offset": 12, "length": 5},
            {**RAW, "offset": 17, "length": 12},
        ]
        peer.send(
            {"type": "request", "id": 1, "op": "estimate", "params": {"images": images}}, PIXELS + b"stone" + PIXELS
        )
        items = answer(peer, "result").message.get("items", [])
        outcomes = ["error" if "error" in item else "people" for item in items]
        expect(outcomes == ["people", "error", "people"], f"expected one bad item of three, got {outcomes}")


@check("frames", "W-60", "W-62")
def answers_what_is_over_the_credits(start: Start) -> None:
    with start() as peer:
        count = make_ready(peer)["credits"]["requests"] + 4
        peer.write(b"".join(peer.encoded(request(index + 1), PIXELS) for index in range(count)))
        answers = [answer(peer, "result", "error").message for _ in range(count)]
        expect(sorted(one["id"] for one in answers) == list(range(1, count + 1)), "not one answer for each request")
        codes = {one["code"] for one in answers if one["type"] == "error"}
        expect(codes <= {"NO_RESOURCES"}, f"expected results or NO_RESOURCES, got {codes}")
        is_alive(peer)


@check("frames", "W-60", "W-70")
def cancels(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send({"type": "cancel", "id": 99})
        is_alive(peer)
        peer.write(peer.encoded(request(100), PIXELS) + peer.encoded({"type": "cancel", "id": 100}))
        message = answer(peer, "result", "error").message
        expect(message["id"] == 100, f"expected the id 100, got {brief(message)}")
        expect(message.get("code") in (None, "CANCELLED"), f"expected a result or CANCELLED, got {brief(message)}")
        peer.send({"type": "cancel", "id": 100})
        is_alive(peer)


@check("frames", "W-80")
def answers_ping(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        for seq in (0, 1, 2**53 - 1):
            is_alive(peer, seq)


def _lies_in_body(array: dict[str, Any], body: bytes) -> None:
    size = 4
    for axis in array["shape"]:
        size *= axis
    expect(array["offset"] % 4 == 0, f"array {array['name']} must begin at a multiple of 4, got {array['offset']}")
    expect(array["offset"] + size <= len(body), f"array {array['name']} ends after the body of {len(body)} bytes")
