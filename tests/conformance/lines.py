"""JSON lines: what people type, and what goes wrong with it."""

from __future__ import annotations

import base64
from typing import Any

from tests.conformance.requirements import Start, Violation, check, expect
from tests.conformance.talk import PIXELS, RAW, answer, brief, greet, is_alive, make_ready, refusal

TEXT = base64.b64encode(PIXELS).decode()
BAD_LINES: list[tuple[str, bytes, int | None]] = [
    ("not JSON", b"hello", None),
    ("a list", b"[1]", None),
    ("no type", b'{"id":3}', 3),
    ("an unknown type", b'{"type":"dance","id":4}', 4),
    ("what only a daemon says", b'{"type":"ready"}', None),
    ("no id", b'{"type":"frame","path":"a.jpg"}', None),
    ("an id of zero", b'{"type":"frame","id":0}', None),
    ("an id as text", b'{"type":"frame","id":"1"}', None),
    ("a negative id", b'{"type":"frame","id":-1}', None),
    ("NaN", b'{"type":"frame","id":5,"min_score":NaN}', None),
    ("equal keys", b'{"type":"frame","id":6,"id":7}', None),
    ("a large integer", b'{"type":"frame","id":9007199254740993}', None),
    ("a score as text", b'{"type":"frame","id":8,"min_score":"x"}', 8),
    ("33 levels", b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", None),
    ("100,000 levels", b"[" * 100_000, None),
    ("no UTF-8", b'{"type":"frame","id":9,"path":"\xff"}', None),
    ("a lone surrogate", b'{"type":"frame","id":10,"path":"\\ud800"}', None),
    ("nothing to look at", b'{"type":"frame","id":11}', 11),
]


def frame(request_id: int, **fields: Any) -> dict[str, Any]:
    """PIXELS by hand."""
    return {"type": "frame", "id": request_id, "body_b64": TEXT, **RAW, **fields}


@check("jsonl", "W-37", "W-44", "W-46")
def gets_ready_and_ends_well_without_input(start: Start) -> None:
    with start() as peer:
        peer.close_input()
        make_ready(peer)
        expect([one.message["type"] for one in peer.rest()] in ([], ["bye"]), "something was said after ready")
        exit_code = peer.exit_code()
        expect(exit_code == 0, f"expected exit code 0, got {exit_code}")


@check("jsonl", "W-35", "W-36", "W-37", "W-48")
def lines_wait_until_ready_and_are_all_answered(start: Start) -> None:
    with start() as peer:
        peer.write(peer.encoded(frame(5)) + peer.encoded(frame(3)))
        peer.close_input()
        make_ready(peer)
        results = [answer(peer, "result").message for _ in range(2)]
        expect({result["id"] for result in results} == {3, 5}, f"expected ids 3 and 5, got {results}")
        for result in results:
            flat = (result.get("width"), result.get("height"), type(result.get("persons")))
            expect(flat == (2, 2, list), f"the result must be flat, got {brief(result)}")
        exit_code = peer.exit_code()
        expect(exit_code == 0, f"expected exit code 0, got {exit_code}")


@check("jsonl", "W-30")
def reads_lines_as_people_leave_them(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.write(b"\n \t\r\n" + peer.encoded({"type": "ping", "seq": 1}).replace(b"\n", b"\r\n"))
        answer(peer, "pong")
        peer.write(peer.encoded(frame(1)).rstrip(b"\n"))
        peer.close_input()
        answer(peer, "result")


@check("jsonl", "W-01", "W-02", "W-03", "W-33", "W-34")
def answers_bad_lines_and_goes_on(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        for what, line, request_id in BAD_LINES:
            peer.write(line + b"\n")
            try:
                refusal(peer, "INVALID_REQUEST", request_id)
            except (Violation, EOFError) as error:
                raise Violation(f"line with {what}: {error}") from None
        is_alive(peer)
        peer.send(frame(100))
        answer(peer, "result")


@check("jsonl", "W-38", "W-44", "W-47")
def answers_lines_although_it_could_not_start(start: Start) -> None:
    with start("--init") as peer:
        peer.send({"type": "init", "protocol": 1, "estimator": "no-such-estimator"})
        peer.write(peer.encoded(frame(1)) + peer.encoded(frame(2)))
        peer.close_input()
        greet(peer)
        while (message := answer(peer, "progress", "init_failed").message)["type"] == "progress":
            pass
        expect("no-such-estimator" in message["message"], f"the message must name the value: {brief(message)}")
        for request_id in (1, 2):
            refusal(peer, "NOT_READY", request_id)
        exit_code = peer.exit_code()
        expect(exit_code == 3, f"expected exit code 3, got {exit_code}")


@check("jsonl", "W-31", "W-34")
def discards_an_endless_line(start: Start) -> None:
    with start() as peer:
        limit = greet(peer)["limits"]["line_bytes"]
        megabyte = b"x" * (1024 * 1024)
        for _ in range(limit // len(megabyte) + 1):
            peer.write(megabyte)
        peer.write(b"\n" + peer.encoded(frame(1)))
        while (message := answer(peer, "progress", "ready", "error").message)["type"] != "error":
            pass
        expect((message["code"], message["id"]) == ("FRAME_TOO_LARGE", None), f"got {brief(message)}")
        while (message := answer(peer, "progress", "ready", "result").message)["type"] != "result":
            pass


@check("jsonl", "W-32", "W-34")
def refuses_a_line_that_is_long_without_its_body(start: Start) -> None:
    with start() as peer:
        limit = greet(peer)["limits"]["meta_bytes"]
        while answer(peer, "progress", "ready").message["type"] != "ready":
            pass
        peer.send(frame(1, note="x" * limit))
        refusal(peer, "FRAME_TOO_LARGE", 1)
        is_alive(peer)


@check("jsonl", "W-64")
def refuses_an_unknown_op_by_hand(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send({"type": "request", "id": 1, "op": "dance"})
        refusal(peer, "UNSUPPORTED_OP", 1)
        is_alive(peer)


@check("jsonl", "W-81", "W-82")
def drains_by_hand(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.write(peer.encoded(frame(1)) + peer.encoded({"type": "drain"}))
        answer(peer, "result")
        message = answer(peer, "bye").message
        expect(message["reason"] == "drained", f"expected the reason drained, got {message['reason']}")
        expect(not peer.rest(), "something was said after bye")
        exit_code = peer.exit_code()
        expect(exit_code == 0, f"expected exit code 0, got {exit_code}")
