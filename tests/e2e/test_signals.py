"""Signals end a daemon in order; a supervised one leaves Ctrl-C to its client."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

import pytest

from tests.e2e.child import PIXEL, Child, pixel, request
from tests.e2e.conftest import Start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX signals")


def test_sigterm_answers_everything_and_says_bye(supervised: Callable[..., Child]) -> None:
    child = supervised("odd", does="waits_for_cancel")
    child.send(request(1), PIXEL)
    child.send(request(2), PIXEL)
    child.until_stderr("now: waits_for_cancel")
    child.send({"type": "ping", "seq": 1})
    child.until("pong")
    child.send_signal(signal.SIGTERM)
    rest = [received.message for received in child.rest()]
    assert sorted((one["id"], one["code"]) for one in rest[:-1]) == [(1, "DRAINING"), (2, "DRAINING")]
    assert (rest[-1]["type"], rest[-1]["reason"], rest[-1]["completed"]) == ("bye", "signal", 2)
    assert child.exit_code() == -signal.SIGTERM


def test_sigterm_ends_work_that_does_not_listen(supervised: Callable[..., Child]) -> None:
    child = supervised("odd", does="computes")
    child.send(request(1), PIXEL)
    child.until_stderr("now: computes")
    child.send_signal(signal.SIGTERM)
    assert child.exit_code() == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_daemon_by_hand_ends_by_the_signal(start: Start, number: signal.Signals) -> None:
    child = start("--estimator", "null", wire="jsonl")
    child.until("ready")
    child.send_signal(number)
    assert child.rest()[-1].message["reason"] == "signal"
    assert child.exit_code() == -number
    assert "Traceback" not in child.stderr()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_starting_daemon_by_hand_ends_by_the_signal(start: Start, number: signal.Signals) -> None:
    child = start("--estimator", "slow_import", wire="jsonl")
    child.until_stderr("now: imports")
    child.send_signal(number)
    assert child.exit_code() == -number
    assert "Traceback" not in child.stderr()


def test_a_supervised_daemon_ignores_ctrl_c(start: Start) -> None:
    child = start(wire="frames")
    init = {"type": "init", "protocol": 1, "estimator": "odd", "options": {"does": "ignores_cancel"}}
    child.send(init, json_meta=True)
    child.until("progress")
    child.interrupt()
    child.until("ready")
    child.send(request(1), PIXEL)
    child.until_stderr("now: ignores_cancel")
    child.interrupt()
    assert child.receive().message["type"] == "result"
    child.send({"type": "drain"})
    assert child.receive().message["reason"] == "drained"
    child.close_input()
    assert child.exit_code() == 0


def test_lines_in_work_are_answered_at_a_signal(start: Start) -> None:
    child = start("--estimator", "odd", "--option", "does=waits_for_cancel", wire="jsonl")
    child.until("ready")
    child.send(pixel(1))
    child.until_stderr("now: waits_for_cancel")
    child.send_signal(signal.SIGINT)
    assert [received.message.get("code") for received in child.rest()] == ["DRAINING", None]
