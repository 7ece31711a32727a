"""Messages that fit their schema pass, messages that do not are refused where they break it."""

from __future__ import annotations

import json
from typing import Any

import fastjsonschema
import pytest

from sidecar.wire.messages import InvalidMessage, validate
from tests.paths import ROOT
from tests.wire.vectors import FOLDER, cases

SCHEMAS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "protocol" / "schema").glob("*.json")}
OF_CLIENTS = {name for name, schema in SCHEMAS.items() if schema["x-direction"] == "client->daemon"}


def fits_schema(message: dict[str, Any]) -> bool:
    """Whether a message passes its schema itself, without what was generated from it."""
    try:
        fastjsonschema.compile(SCHEMAS[message["type"]], use_default=False)(message)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


@pytest.mark.parametrize("case", cases("accept/*.json"))
def test_accepted(case: dict[str, Any]) -> None:
    assert fits_schema(case["message"])
    if case["message"]["type"] in OF_CLIENTS:
        validate(case["message"])


@pytest.mark.parametrize("case", cases("reject/*.json"))
def test_rejected_where_it_breaks(case: dict[str, Any]) -> None:
    assert not fits_schema(case["message"])
    if case["message"]["type"] in OF_CLIENTS:
        with pytest.raises(InvalidMessage) as caught:
            validate(case["message"])
        assert caught.value.path == case["path"]
        assert str(caught.value).startswith(f"{case['path']} must ")


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_message_has_vectors(name: str) -> None:
    assert (FOLDER / "accept" / f"{name}.json").is_file()
    assert (FOLDER / "reject" / f"{name}.json").is_file()


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"type": "request", "id": 1, "op": "estimate", "params": {"min_score": "x"}},
         "request.params.min_score must be a number in [0, 1], got 'x'"),
        ({"type": "request", "id": 1, "op": ""}, "request.op must be a non-empty string, got ''"),
        ({"type": "request", "id": 1, "op": "estimate", "trace": 3},
         "request.trace must be a string or null, got 3"),
        ({"type": "request", "id": 1, "op": "estimate", "params": {"images": []}},
         "request.params.images must hold at least 1 items, got 0"),
        ({"type": "frame"}, "frame must have 'id', got only ['type']"),
        ({"type": "ping", "seq": -1}, "ping.seq must be an integer of at least 0, got -1"),
        ({"type": "drain", "deadline_ms": "y" * 500},
         "drain.deadline_ms must be an integer of at least 1, got '" + "y" * 59 + "..."),
        ({"type": "hello"}, "type must be one of cancel, drain, frame, init, ping, request, got 'hello'"),
        ({"type": ["request"]}, "type must be one of cancel, drain, frame, init, ping, request, got ['request']"),
        ({}, "type must be one of cancel, drain, frame, init, ping, request, got None"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_complaints_name_path_expectation_and_value(message: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        validate(message)
    assert str(caught.value) == sentence
