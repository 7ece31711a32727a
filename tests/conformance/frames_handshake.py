"""Frames: from the first byte to READY, and to the end."""

from __future__ import annotations

from sidecar.wire.header import FLAG_META_IS_JSON
from tests.conformance.peer import NONCE
from tests.conformance.requirements import Start, check, expect
from tests.conformance.talk import PIXELS, answer, greet, is_alive, make_ready, refusal, request


@check("frames", "W-40", "W-41", "W-91")
def says_who_it_is_first(start: Start) -> None:
    with start() as peer:
        hello = greet(peer)
        expect(1 in hello["protocol"], f"protocol must include 1, got {hello['protocol']}")
        expect(hello["nonce"] == NONCE, f"nonce must be that of the environment, got {hello['nonce']!r}")
        expect(hello["wire"] == "frames", f"wire must be frames, got {hello['wire']!r}")


@check("frames", "W-44", "W-80")
def waits_for_init_and_answers_ping_meanwhile(start: Start) -> None:
    with start() as peer:
        greet(peer)
        is_alive(peer)


@check("frames", "W-16", "W-46", "W-50")
def gets_ready_in_json(start: Start) -> None:
    with start() as peer:
        greet(peer)
        peer.send({"type": "init", "protocol": 1}, json_meta=True)
        while True:
            received = answer(peer, "progress", "ready")
            assert received.header is not None
            expect(received.header.flags & FLAG_META_IS_JSON, f"{received.message['type']} must have JSON meta")
            if received.message["type"] == "ready":
                return


@check("frames", "W-43", "W-47")
def refuses_a_major_it_does_not_speak(start: Start) -> None:
    with start() as peer:
        greet(peer)
        peer.send({"type": "init", "protocol": 9}, json_meta=True)
        message = answer(peer, "init_failed").message
        expect(message["code"] == "VERSION_SKEW", f"expected the code VERSION_SKEW, got {message['code']}")
        expect("9" in message["message"], f"the message must name both sides' majors: {message['message']!r}")
        exit_code = peer.exit_code()
        expect(exit_code == 3, f"expected exit code 3, got {exit_code}")


@check("frames", "W-47")
def says_why_it_cannot_start(start: Start) -> None:
    with start() as peer:
        greet(peer)
        peer.send({"type": "init", "protocol": 1, "estimator": "no-such-estimator"}, json_meta=True)
        while (message := answer(peer, "progress", "init_failed").message)["type"] == "progress":
            pass
        expect("no-such-estimator" in message["message"], f"the message must name the value: {message['message']!r}")
        exit_code = peer.exit_code()
        expect(exit_code == 3, f"expected exit code 3, got {exit_code}")


@check("frames", "W-48")
def takes_no_work_before_it_is_ready(start: Start) -> None:
    with start() as peer:
        greet(peer)
        peer.send(request(1), PIXELS, json_meta=True)
        refusal(peer, "NOT_READY", 1)


@check("frames", "W-49")
def is_configured_once(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.send({"type": "init", "protocol": 1}, json_meta=True)
        refusal(peer, "INVALID_REQUEST", None)
        is_alive(peer)


@check("frames", "W-81", "W-82")
def drains(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.write(
            peer.encoded(request(1), PIXELS) + peer.encoded({"type": "drain"}) + peer.encoded(request(2), PIXELS)
        )
        messages = [received.message for received in peer.rest()]
        expect(messages, "nothing was answered")
        last = messages.pop()
        expect((last["type"], last.get("reason")) == ("bye", "drained"), f"the last message was {last}")
        terminal = {message["id"]: message for message in messages}
        expect(terminal.get(1, {}).get("type") == "result", f"accepted work must be finished, got {terminal.get(1)}")
        late = terminal.get(2)
        expect(late is None or late.get("code") == "DRAINING", f"late work must get DRAINING, got {late}")
        exit_code = peer.exit_code()
        expect(exit_code == 0, f"expected exit code 0, got {exit_code}")


@check("frames", "W-83")
def ends_with_its_client(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.close_input()
        peer.exit_code()


@check("frames", "W-83")
def ends_with_its_client_before_init(start: Start) -> None:
    with start() as peer:
        greet(peer)
        peer.close_input()
        peer.exit_code()


@check("frames", "W-84")
def leaves_interrupts_to_its_client(start: Start) -> None:
    with start() as peer:
        make_ready(peer)
        peer.interrupt()
        is_alive(peer)
        peer.send(request(1), PIXELS)
        answer(peer, "result")
