"""Frames: headers and metas that are not what they should be."""

from __future__ import annotations

from sidecar.wire.header import TYPE_CODES, pack_header
from tests.conformance.peer import Peer
from tests.conformance.requirements import Start, Violation, check, expect
from tests.conformance.talk import PIXELS, RAW, answer, dies_of_fault, greet, is_alive, make_ready, refusal, request

PING = TYPE_CODES["ping"]


def ready_then(start: Start, data: bytes) -> Peer:
    """Make a daemon ready and send it these bytes."""
    peer = start()
    try:
        make_ready(peer)
        peer.write(data)
    except BaseException:
        peer.__exit__()
        raise
    return peer


@check("frames", "W-11", "W-21")
def dies_of_text(start: Start) -> None:
    with ready_then(start, b"hello\n") as peer:
        dies_of_fault(peer, "PROTOCOL_ERROR")


@check("frames", "W-11", "W-21")
def dies_of_text_before_init(start: Start) -> None:
    with start() as peer:
        greet(peer)
        peer.write(b'{"type":"init","protocol":1}\n')
        dies_of_fault(peer, "PROTOCOL_ERROR")


@check("frames", "W-12", "W-21")
def dies_of_an_unknown_type(start: Start) -> None:
    with ready_then(start, pack_header(0x63, meta_bytes=0, body_bytes=0)) as peer:
        dies_of_fault(peer, "PROTOCOL_ERROR")


@check("frames", "W-12", "W-92")
def passes_over_an_unknown_optional_type(start: Start) -> None:
    with ready_then(start, pack_header(0xE3, meta_bytes=2, body_bytes=3) + b"\x01\x02xyz") as peer:
        is_alive(peer)


@check("frames", "W-13", "W-21")
def dies_of_another_major(start: Start) -> None:
    data = pack_header(PING, meta_bytes=1, body_bytes=0, major=2) + b"\x80"
    with ready_then(start, data) as peer:
        dies_of_fault(peer, "VERSION_SKEW")


@check("frames", "W-14", "W-21")
def dies_of_a_reserved_flag(start: Start) -> None:
    with ready_then(start, pack_header(PING, meta_bytes=1, body_bytes=0, flags=0x80) + b"\x80") as peer:
        dies_of_fault(peer, "PROTOCOL_ERROR")


@check("frames", "W-18", "W-21")
def dies_of_an_announced_giant(start: Start) -> None:
    with start() as peer:
        limits = greet(peer)["limits"]
        peer.write(pack_header(TYPE_CODES["request"], id=1, meta_bytes=1, body_bytes=limits["body_bytes"] + 1))
        dies_of_fault(peer, "FRAME_TOO_LARGE")
    with start() as peer:
        greet(peer)
        peer.write(pack_header(TYPE_CODES["request"], id=1, meta_bytes=limits["meta_bytes"] + 1, body_bytes=0))
        dies_of_fault(peer, "FRAME_TOO_LARGE")


@check("frames", "W-19", "W-83")
def ends_when_the_stream_ends_inside_a_frame(start: Start) -> None:
    with ready_then(start, pack_header(PING, meta_bytes=100, body_bytes=0) + b"\x81") as peer:
        peer.close_input()
        exit_code = peer.exit_code()
        expect(exit_code != 0, "a stream that ends inside a frame is not a clean end: exit code 0")


@check("frames", "W-01", "W-02", "W-03", "W-17", "W-20")
def lives_through_a_malformed_meta(start: Start) -> None:
    metas = {
        "not msgpack": b"\xc1",
        "an array": b"\x91\x01",
        "empty": b"",
        "equal keys": b"\x82\xa1a\x01\xa1a\x02",
        "binary": b"\x81\xa1a\xc4\x01x",
        "not UTF-8": b"\x81\xa1a\xa1\xff",
        "NaN": b"\x81\xa1a\xcb\x7f\xf8" + bytes(6),
        "2**53": b"\x81\xa1a\xcf\x00\x20" + bytes(6),
        "the key __proto__": b"\x81\xa9__proto__\x01",
        "33 levels": b"\x81\xa1a" + b"\x91" * 31 + b"\x90",
        "an id": b"\x81\xa2id\x01",
    }
    with start() as peer:
        make_ready(peer)
        for request_id, (what, meta) in enumerate(metas.items(), 1):
            header = pack_header(TYPE_CODES["request"], id=request_id, meta_bytes=len(meta), body_bytes=3)
            peer.write(header + meta + b"xyz")
            try:
                refusal(peer, "INVALID_REQUEST", request_id)
            except (Violation, EOFError) as error:
                raise Violation(f"meta with {what}: {error}") from None
        is_alive(peer)


@check("frames", "W-16")
def goes_by_the_flag_after_ready(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send(request(1), PIXELS, json_meta=True)
        answer(peer, "result")
        peer.send(request(2), PIXELS, json_meta=False)
        answer(peer, "result")


@check("frames", "W-04", "W-05")
def ignores_what_it_does_not_know(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        later = {"mood": [1, {"deep": None}], "params": {**RAW, "width": 2.0, "mesh": True}, "attempt": 1.0}
        peer.send(request(1, **later), PIXELS)
        answer(peer, "result")
