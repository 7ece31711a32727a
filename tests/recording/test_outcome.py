from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sidecar.recording.format import Recording, read_recording
from sidecar.recording.outcome import differences, expected_answers, outcome_of
from tests.recording.builders import SESSION, error, line, request, result, write_recording

READY = ({"type": "ready"}, b"")
END = ({"type": "end", "exit_code": 0}, b"")


def recording(tmp_path: Path, *records: tuple[dict[str, Any], bytes], **session: object) -> Recording:
    write_recording(tmp_path / "x.rec", *records, session={**SESSION, **session})
    return read_recording(tmp_path / "x.rec")


def test_an_outcome_is_start_answers_and_end(tmp_path: Path) -> None:
    outcome = outcome_of(recording(tmp_path, READY, request(1), result(1), error(None, "INVALID_REQUEST"), END))
    assert outcome.start == "ready"
    assert outcome.answers == {"1": ["result"], "null": ["INVALID_REQUEST"]}
    assert (outcome.exit_code, outcome.died) == (0, False)


def test_a_failed_start_is_told_by_its_code(tmp_path: Path) -> None:
    outcome = outcome_of(recording(tmp_path, ({"type": "init_failed", "code": "IMPORT_FAILED"}, b"")))
    assert (outcome.start, outcome.died) == ("IMPORT_FAILED", True)


def test_the_same_is_no_difference(tmp_path: Path) -> None:
    one = recording(tmp_path, READY, request(1), result(1), END)
    assert differences(one, one) == []


@pytest.mark.parametrize(
    ("records", "said"),
    [
        pytest.param((READY, request(1), error(1, "DECODE_FAILED"), END), "request 1 ended in result", id="a code"),
        pytest.param((READY, request(1), END), "replayed in no answer", id="no answer"),
        pytest.param((READY, request(1), result(1)), "replayed it died", id="a death"),
        pytest.param((READY, request(1), result(1), ({"type": "end", "exit_code": 4}, b"")), "exit code 4", id="end"),
        pytest.param((request(1), result(1), END), "start-up ended in ready, replayed in None", id="start"),
        pytest.param(
            (READY, request(1), result(1), error(None, "INVALID_REQUEST"), END), "request null", id="one error more"
        ),
    ],
)
def test_each_difference_is_a_sentence(records: tuple[Any, ...], said: str, tmp_path: Path) -> None:
    (found,) = differences(recording(tmp_path, READY, request(1), result(1), END), recording(tmp_path, *records))
    assert said in found


def test_a_request_whose_body_was_left_out_is_not_compared(tmp_path: Path) -> None:
    cut = ({**request(1)[0], "body_omitted": 9_000_000}, b"")
    one = recording(tmp_path, READY, cut, result(1), END)
    assert differences(one, recording(tmp_path, READY, cut, error(1, "DECODE_FAILED"), END)) == []


def test_an_answer_whose_request_has_left_the_ring_is_not_compared(tmp_path: Path) -> None:
    one = recording(tmp_path, READY, result(1), error(None, "INVALID_REQUEST"), request(2), result(2), END, segment=3)
    assert differences(one, recording(tmp_path, READY, request(2), result(2), END)) == []


def test_answers_are_expected_for_requests_and_for_every_other_line(tmp_path: Path) -> None:
    lines = [
        b'{"type":"frame","id":1}',
        b'{"type":"cancel","id":1}',
        b"{not json",
        b"[]",
        b'{"type":"ping"}',
        b'{"type":[]}',
    ]
    assert expected_answers(recording(tmp_path, *[line(text) for text in lines])) == 4
    assert expected_answers(recording(tmp_path, request(1), ({"type": "cancel", "id": 1}, b""), result(1))) == 1
