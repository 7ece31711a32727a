"""`echo LINE | python -m sidecar`: what people and shells see."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sidecar.bootstrap.exit_codes import PEER_GONE
from tests.e2e.child import PIXEL, daemon_command, environment, pixel
from tests.e2e.conftest import Start
from tests.paths import FIXTURES, needs_shared
from tests.readiness.expect import skip_without_weights

NULL = ("--estimator", "null")


def run(tmp_path: Path, text: bytes | None, *flags: str, **changes: str) -> tuple[list[dict[str, Any]], int, str]:
    """Every line of a session, its exit code, its stderr; None is `</dev/null`."""
    command, env = daemon_command(*flags), environment(tmp_path, **changes)
    given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        command, env=env, capture_output=True, timeout=60, **given
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode, done.stderr.decode()


def types(messages: list[dict[str, Any]]) -> list[str]:
    """Message types in order, repeated ones once."""
    kinds = [message["type"] for message in messages]
    return [kind for index, kind in enumerate(kinds) if index == 0 or kind != kinds[index - 1]]


def lines(*messages: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def test_no_input_is_a_readiness_check(tmp_path: Path) -> None:
    messages, code, _ = run(tmp_path, None, *NULL)
    assert (types(messages), code) == (["hello", "progress", "ready"], 0)


def test_check_adds_one_inference(tmp_path: Path) -> None:
    messages, code, stderr = run(tmp_path, None, "--estimator", "odd", "--check")
    assert (types(messages), code) == (["hello", "progress", "ready"], 0)
    assert "warming" in [message.get("phase") for message in messages]
    assert "now: " in stderr
    assert messages[-1]["timings_ms"]["warming"] > 0


@needs_shared
def test_the_session_that_the_readme_shows(tmp_path: Path) -> None:
    weights = skip_without_weights()
    picture = FIXTURES / "images" / "000000000785.jpg"
    line = json.dumps({"type": "frame", "id": 1, "path": str(picture)}).encode() + b"\n"
    messages, code, _ = run(tmp_path, line, POSE_MODELS_DIR=str(weights))
    assert (types(messages), code) == (["hello", "progress", "ready", "result"], 0)
    assert messages[-2]["estimator"] == "blazepose"
    result = messages[-1]
    assert (result["id"], result["width"], result["height"]) == (1, 640, 425)
    (person,) = result["persons"]
    assert person["id"] is None
    assert person["provenance"] == "detected"
    assert 0.5 <= person["score"] <= 1
    assert len(person["bbox_xyxy"]) == 4
    assert [len(row) for row in person["keypoints"]] == [4] * 33
    assert [len(row) for row in person["keypoints_world"]] == [3] * 33
    assert set(result["timings_ms"]) == {"queue", "decode", "infer", "encode", "total"}


@needs_shared
def test_a_body_as_text_gives_what_its_path_gives(tmp_path: Path) -> None:
    picture = FIXTURES / "images" / "000000000785.jpg"
    body = base64.b64encode(picture.read_bytes()).decode()
    sent = lines({"type": "frame", "id": 1, "path": str(picture)}, {"type": "frame", "id": 2, "body_b64": body})
    messages, code, _ = run(tmp_path, sent, *NULL, "--option", "persons=2")
    by_path, by_text = messages[-2:]
    assert code == 0
    assert by_path["persons"] == by_text["persons"]
    assert len(by_path["persons"]) == 2


def test_lines_that_wait_for_ready_are_all_answered(tmp_path: Path) -> None:
    messages, code, _ = run(tmp_path, lines(*(pixel(number) for number in range(1, 51))), *NULL)
    assert [message["id"] for message in messages if message["type"] == "result"] == list(range(1, 51))
    assert code == 0


def test_the_last_line_needs_no_line_feed(tmp_path: Path) -> None:
    messages, code, _ = run(tmp_path, lines(pixel(1)).rstrip(), *NULL)
    assert (messages[-1]["type"], code) == ("result", 0)


NOT_PICTURES: dict[str, tuple[dict[str, Any], str]] = {
    "no file": ({"path": "nowhere.jpg"}, "DECODE_FAILED"),
    "a folder": ({"path": "."}, "DECODE_FAILED"),
    "a device": ({"path": "/dev/zero"}, "DECODE_FAILED"),
    "a path with a NUL": ({"path": "a\0b"}, "DECODE_FAILED"),
    "an endless path": ({"path": "x" * 5000}, "DECODE_FAILED"),
    "empty text": ({"body_b64": ""}, "DECODE_FAILED"),
    "text that is not base64": ({"body_b64": "%%%"}, "INVALID_REQUEST"),
    "base64 of no picture": ({"body_b64": base64.b64encode(b"hello").decode()}, "DECODE_FAILED"),
    "nothing": ({}, "INVALID_REQUEST"),
    "two at once": ({"path": "x", "body_b64": "aGk="}, "INVALID_REQUEST"),
    "raw without its size": ({"body_b64": "aGk=", "format": "gray8"}, "INVALID_REQUEST"),
    "raw of another size": ({"body_b64": "aGk=", "format": "gray8", "width": 9, "height": 9}, "DECODE_FAILED"),
    "a bomb": ({"body_b64": "aGk=", "format": "rgb24", "width": 100_000, "height": 100_000}, "DECODE_FAILED"),
}


def test_what_is_no_picture_gets_one_error_and_the_next_line_its_answer(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    cases = dict(NOT_PICTURES)
    if hasattr(os, "mkfifo"):
        os.mkfifo(fifo)
        cases["a FIFO that nobody writes to"] = ({"path": str(fifo)}, "DECODE_FAILED")
    (tmp_path / "empty.jpg").touch()
    cases["an empty file"] = ({"path": str(tmp_path / "empty.jpg")}, "DECODE_FAILED")
    sent = [{"type": "frame", "id": number, **fields} for number, (fields, _) in enumerate(cases.values(), 1)]
    messages, code, _ = run(tmp_path, lines(*sent, pixel(99)), *NULL)
    answers = {message["id"]: message for message in messages if message["type"] in ("result", "error")}
    got = {name: answers[number]["code"] for number, name in enumerate(cases, 1)}
    assert got == {name: expected for name, (_, expected) in cases.items()}
    assert answers[99]["type"] == "result"
    assert (len(answers), code) == (len(cases) + 1, 0)


def test_a_line_of_100_mb_is_discarded_while_it_is_read(start: Start) -> None:
    child = start(*NULL, wire="jsonl")
    child.until("ready")
    for _ in range(100):
        child.write(b" " * 1_000_000)
    child.write(b"\n")
    refused = child.receive().message
    assert (refused["id"], refused["code"]) == (None, "FRAME_TOO_LARGE")
    child.send(pixel(1))
    assert child.receive().message["type"] == "result"


def test_an_id_in_work_is_not_taken_twice(start: Start) -> None:
    child = start("--estimator", "odd", "--option", "does=waits_for_cancel", wire="jsonl")
    child.until("ready")
    child.write(child.encoded(pixel(7)) + child.encoded(pixel(7)) + child.encoded({"type": "cancel", "id": 7}))
    refused, cancelled = child.receive().message, child.receive().message
    assert (refused["id"], refused["code"]) == (None, "INVALID_REQUEST")
    assert (cancelled["id"], cancelled["code"]) == (7, "CANCELLED")
    child.send({"type": "cancel", "id": 7})
    child.send({"type": "ping", "seq": 1})
    assert child.receive().message["type"] == "pong"


@pytest.mark.parametrize("line", [b"{}\n", b"[1]\n", b'{"type":"frame","id":4294967295,"path":"x"}\n', b"\xff\n"])
def test_work_for_a_daemon_that_could_not_start_learns_the_cause(tmp_path: Path, line: bytes) -> None:
    sent = lines(pixel(5)) + line
    messages, code, stderr = run(tmp_path, sent, "--estimator", "odd", "--option", "does=raises")
    failed, first, second = messages[-3:]
    assert (failed["type"], failed["code"], code) == ("init_failed", "MODEL_LOAD_FAILED", 3)
    assert "made of cheese" in failed["message"]
    assert "odd_estimator.py" in failed["traceback_tail"]
    assert (first["id"], first["code"], first["details"]) == (5, "NOT_READY", {"cause": "MODEL_LOAD_FAILED"})
    assert (second["id"], second["code"]) == (None, "NOT_READY")
    assert "made of cheese" in stderr


def test_memory_that_runs_out_while_loading_may_be_tried_again(tmp_path: Path) -> None:
    messages, code, _ = run(tmp_path, None, "--estimator", "odd", "--option", "does=runs_out_of_memory")
    assert (messages[-1]["code"], messages[-1]["retryable"], code) == ("NO_RESOURCES", True, 3)


def test_init_waits_for_its_line(start: Start) -> None:
    child = start("--init", wire="jsonl")
    assert child.receive().message["type"] == "hello"
    child.send(pixel(1))
    assert child.receive().message["code"] == "NOT_READY"
    child.send({"type": "init", "protocol": 1, "estimator": "null", "options": {"persons": 1}})
    child.until("ready")
    child.send(pixel(2))
    assert len(child.receive().message["persons"]) == 1


def test_init_without_a_line_is_no_failure(tmp_path: Path) -> None:
    messages, code, _ = run(tmp_path, None, "--init")
    assert (types(messages), code) == (["hello"], 0)


def test_a_reader_that_leaves_ends_the_daemon(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    command, env = daemon_command(*NULL), environment(tmp_path)
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["type"] != "ready":
            pass
        process.stdout.close()
        process.stdin.write(lines(pixel(1)))
        process.stdin.flush()
        assert process.wait(20) == PEER_GONE


def test_the_body_of_one_pixel_is_what_it_says() -> None:
    assert base64.b64decode(pixel(1)["body_b64"]) == PIXEL


def test_models_are_looked_for_where_the_flag_says(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    shutil.copytree(skip_without_weights(), chosen)
    messages, code, _ = run(tmp_path, None, "--models-dir", str(chosen))
    assert (messages[-1]["type"], code) == ("ready", 0)
    assert {Path(model["file"]).parent for model in messages[-1]["models"]} == {chosen}


USAGE = {
    "an unknown flag": ["--frobnicate"],
    "an unknown command": ["frobnicate"],
    "a flag without its value": ["--estimator"],
    "a wire that is none": ["--wire", "pigeon"],
    "no number": ["--threads", "many"],
    "nought": ["--threads", "0"],
    "an option without a value": ["--option", "persons"],
    "init on frames": ["--wire", "frames", "--init"],
}


@pytest.mark.parametrize("flags", USAGE.values(), ids=USAGE)
def test_a_wrong_command_line_is_told_on_stderr(tmp_path: Path, flags: list[str]) -> None:
    messages, code, stderr = run(tmp_path, None, *flags)
    assert (messages, code) == ([], 2)
    assert stderr.startswith("pose-sidecar: ")
    assert flags[-1] in stderr or flags[0] in stderr
