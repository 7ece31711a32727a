"""A client on frames: what it relies on while work runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.e2e.child import PIXEL, Child, request
from tests.e2e.conftest import Start

Supervised = Callable[..., Child]


def test_a_handshake_and_a_result_with_arrays(start: Start) -> None:
    child = start(wire="frames")
    hello = child.receive()
    assert hello.message["type"] == "hello"
    assert hello.message["pid"] == child.pid
    ready = child.init("null", options={"persons": 2}, threads=1)
    assert (ready["credits"]["requests"], ready["threads"]) == (2, 1)
    child.send(request(1), PIXEL)
    result = child.receive()
    (keypoints,) = result.message["arrays"]
    assert (keypoints["name"], keypoints["shape"], keypoints["offset"]) == ("keypoints", [2, 17, 4], 0)
    array = np.frombuffer(result.body, "<f4").reshape(2, 17, 4)
    left, top, right, bottom = result.message["persons"][0]["bbox_xyxy"]
    assert array[0, :, :2].min(axis=0) == pytest.approx([left, top], abs=1e-3)
    assert array[0, :, :2].max(axis=0) == pytest.approx([right, bottom], abs=1e-3)


def test_running_work_is_cancelled_between_its_stages(supervised: Supervised) -> None:
    child = supervised("odd", does="waits_for_cancel")
    child.send(request(1), PIXEL)
    child.until_stderr("now: waits_for_cancel")
    child.send({"type": "cancel", "id": 1})
    error = child.receive().message
    assert (error["id"], error["code"]) == (1, "CANCELLED")


def test_queued_work_is_cancelled_before_it_starts(supervised: Supervised) -> None:
    child = supervised("odd", does="waits_for_cancel")
    child.send(request(1), PIXEL)
    child.send(request(2), PIXEL)
    child.send({"type": "cancel", "id": 2})
    child.send({"type": "cancel", "id": 2})
    assert child.receive().message["id"] == 2
    child.send({"type": "cancel", "id": 1})
    assert child.receive().message["id"] == 1
    assert child.stderr().count("now: waits_for_cancel") <= 1


def test_a_cancel_that_comes_too_late_changes_nothing(supervised: Supervised) -> None:
    child = supervised("null")
    child.send(request(1), PIXEL)
    assert child.receive().message["type"] == "result"
    child.send({"type": "cancel", "id": 1})
    child.send({"type": "cancel", "id": 999})
    child.send(request(2), PIXEL)
    assert child.receive().message["type"] == "result"


def test_work_ends_at_its_deadline(supervised: Supervised) -> None:
    child = supervised("odd", does="waits_for_cancel")
    child.send(request(1, deadline_ms=20), PIXEL)
    error = child.receive().message
    assert (error["id"], error["code"], error["retryable"]) == (1, "DEADLINE_EXCEEDED", True)


def test_work_that_expired_in_the_queue_never_starts(supervised: Supervised) -> None:
    child = supervised("odd", does="ignores_cancel")
    child.send(request(1), PIXEL)
    child.until_stderr("now: ignores_cancel")
    child.send(request(2, deadline_ms=1), PIXEL)
    assert child.receive().message["type"] == "result"
    error = child.receive().message
    assert (error["id"], error["code"]) == (2, "DEADLINE_EXCEEDED")
    assert child.stderr().count("now: ignores_cancel") == 1


def test_the_deadline_starts_at_the_header_not_at_the_end_of_the_body(supervised: Supervised) -> None:
    child = supervised("null")
    data = child.encoded(request(1, deadline_ms=1), PIXEL)
    child.write(data[:-1])
    child.send_nothing_until(time.monotonic() + 0.05)
    child.write(data[-1:])
    assert child.receive().message["code"] == "DEADLINE_EXCEEDED"


def ping(child: Child, seq: int) -> dict[str, Any]:
    child.send({"type": "ping", "seq": seq})
    return child.receive().message


def test_pong_comes_while_python_computes(supervised: Supervised) -> None:
    child = supervised("odd", does="computes")
    child.send(request(1), PIXEL)
    child.until_stderr("now: computes")
    child.send(request(2), PIXEL)
    first, second = ping(child, 0), ping(child, 1)
    assert (first["seq"], first["running_id"], first["queued"]) == (0, 1, 1)
    assert 0 <= first["running_ms"] < second["running_ms"]
    assert first["rss_bytes"] > 1_000_000
    assert first["monotonic_us"] < second["monotonic_us"]
    assert first["progress"] == second["progress"]


def test_progress_grows_while_work_gets_on(supervised: Supervised) -> None:
    child = supervised("odd", does="waits_for_cancel")
    child.send(request(1), PIXEL)
    child.until_stderr("now: waits_for_cancel")
    first = ping(child, 0)["progress"]
    assert any(ping(child, seq)["progress"] > first for seq in range(1, 100_000))


def test_pong_before_ready_and_not_ready_for_work(start: Start) -> None:
    child = start(wire="frames")
    child.send({"type": "init", "protocol": 1, "estimator": "slow_import"}, json_meta=True)
    child.until_stderr("now: imports")
    child.send({"type": "ping", "seq": 5}, json_meta=True)
    assert child.until("pong").message["seq"] == 5
    child.send(request(1), PIXEL, json_meta=True)
    error = child.until("error").message
    assert (error["id"], error["code"]) == (1, "NOT_READY")
    child.send({"type": "drain"}, json_meta=True)
    assert child.until("bye").message["reason"] == "drained"
    assert child.exit_code() == 0


def test_a_long_start_stays_audible_and_ends_at_its_deadline(start: Start) -> None:
    child = start(wire="frames")
    init = {"type": "init", "protocol": 1, "estimator": "slow_import", "heartbeat_s": 0.05, "deadline_ms": 1500}
    child.send(init, json_meta=True)
    rest = [received.message for received in child.rest()]
    repeated = [message for message in rest if message.get("detail") == "slow_module"]
    assert len(repeated) >= 3
    assert (rest[-1]["code"], rest[-1]["retryable"]) == ("DEADLINE_EXCEEDED", True)
    assert child.exit_code() == 3


def test_a_batch_answers_per_item(supervised: Supervised) -> None:
    child = supervised("null", persons=1)
    one = {"format": "gray8", "width": 1, "height": 1, "length": 1}
    images = [
        {**one, "offset": 0},
        {**one, "offset": 99},
        {"offset": 0, "length": 2},
        {**one, "offset": 1, "regions": [{"cx": 0.5, "cy": 0.5, "size": 4}] * 3},
    ]
    child.send({"type": "request", "id": 1, "op": "estimate", "params": {"images": images}}, PIXEL * 2)
    result = child.receive().message
    codes = [item.get("error", {}).get("code") for item in result["items"]]
    assert codes == [None, "INVALID_REQUEST", "DECODE_FAILED", None]
    assert [len(item.get("persons", ())) for item in result["items"]] == [1, 0, 0, 3]
    assert [person["region_index"] for person in result["items"][3]["persons"]] == [0, 1, 2]
    assert [(array["item"], array["shape"][0]) for array in result["arrays"]] == [(0, 1), (3, 3)]


def test_the_trace_of_a_request_is_copied_to_the_log(supervised: Supervised) -> None:
    child = supervised("null")
    child.send(request(3, trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), b"no pixel")
    assert child.receive().message["code"] == "DECODE_FAILED"
    child.until_stderr('"request_id": 3, "trace": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"')


def test_limits_are_lowered_by_init(start: Start) -> None:
    child = start(wire="frames")
    child.init("null", limits={"body_bytes": 10})
    child.send(request(1), b"x" * 11)
    error = child.receive().message
    assert (error["id"], error["code"]) == (None, "FRAME_TOO_LARGE")
    assert child.until("bye").message["reason"] == "fatal"
    assert child.exit_code() == 4


@pytest.mark.parametrize("limits", [{"body_bytes": 10**9}, {"pixels": 0}, {"depth": "deep"}, {"depth": True}])
def test_limits_are_not_raised_by_init(start: Start, limits: dict[str, object]) -> None:
    child = start(wire="frames")
    child.send({"type": "init", "protocol": 1, "estimator": "null", "limits": limits}, json_meta=True)
    assert child.until("init_failed").message["code"] == "CONFIG_INVALID"
    child.close_input()
    assert child.exit_code() == 3


def test_drain_finishes_what_was_accepted(supervised: Supervised) -> None:
    child = supervised("odd", does="ignores_cancel")
    messages = [child.encoded(request(1), PIXEL), child.encoded(request(2), PIXEL)]
    child.write(b"".join([*messages, child.encoded({"type": "drain"}), child.encoded(request(3), PIXEL)]))
    answers = [received.message for received in (child.receive(), child.receive(), child.receive(), child.receive())]
    assert [(one["type"], one.get("id"), one.get("code")) for one in answers] == [
        ("error", 3, "DRAINING"),
        ("result", 1, None),
        ("result", 2, None),
        ("bye", None, None),
    ]
    child.close_input()
    assert child.exit_code() == 0
    assert "now: closed" in child.stderr()


def test_drain_stops_work_at_its_deadline(supervised: Supervised) -> None:
    child = supervised("odd", does="waits_for_cancel")
    child.send(request(1), PIXEL)
    child.send(request(2), PIXEL)
    child.send({"type": "drain", "deadline_ms": 50})
    answers = [received.message for received in (child.receive(), child.receive(), child.receive())]
    assert sorted((one["type"], one.get("id"), one.get("code")) for one in answers[:2]) == [
        ("error", 1, "DRAINING"),
        ("error", 2, "DRAINING"),
    ]
    assert answers[2]["type"] == "bye"


def test_pongs_do_not_wait_behind_results_that_nobody_reads(supervised: Supervised) -> None:
    """The flood is bounded: a client that does not read is not read either, and loses nothing."""
    child = supervised("null")
    for seq in range(2000):
        child.send({"type": "ping", "seq": seq})
    assert [child.receive().message["seq"] for _ in range(2000)] == list(range(2000))
