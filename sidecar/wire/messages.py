"""Messages against their schemas, at the edge. The validators are generated from protocol/schema."""

from __future__ import annotations

import json
from typing import Any

from sidecar.wire.generated.validators import VALIDATORS
from sidecar.wire.violation import SchemaViolation

_SHOWN_CHARACTERS = 60  # of the offending value


class InvalidMessage(ValueError):
    """A message that does not fit its schema.

    Attributes:
        path: where, in dots and brackets: "request.params.regions[2].size".
    """

    code = "INVALID_REQUEST"

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


def validate(message: dict[str, Any]) -> None:
    """Check a message a client sent. Keys that the schema does not know are ignored.

    Raises:
        InvalidMessage: "request.params.min_score must be a number in [0, 1], got 'x'".
    """
    name = message.get("type")
    check = VALIDATORS.get(name) if type(name) is str else None
    if check is None:
        known = ", ".join(sorted(VALIDATORS))
        raise InvalidMessage(f"type must be one of {known}, got {_show(name)}", path="type")
    try:
        check(message)
    except SchemaViolation as violation:
        path = f"{name}{violation.path}"
        raise InvalidMessage(f"{path} {_complaint(violation)}", path=path) from None


def _complaint(violation: SchemaViolation) -> str:
    """Say what was expected and what came."""
    schema = violation.definition
    if violation.rule == "required":
        missing = next(key for key in schema["required"] if key not in violation.value)
        return f"must have {missing!r}, got only {sorted(violation.value)}"
    if violation.rule in ("minItems", "maxItems"):
        return f"must hold {_count(schema)} items, got {len(violation.value)}"
    return f"must be {_expected(schema)}, got {_show(violation.value)}"


def _expected(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    kinds = schema.get("type", "a value")
    words = [_ARTICLES[kind] for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if schema.get("minLength"):
        words = [f"a non-empty {word.removeprefix('a ')}" if word == "a string" else word for word in words]
    return " or ".join(words) + _range(schema)


def _range(schema: dict[str, Any]) -> str:
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}"
    if "minimum" in schema and "maximum" in schema:
        return f" in [{schema['minimum']}, {schema['maximum']}]"
    return f" of at least {schema['minimum']}" if "minimum" in schema else ""


def _count(schema: dict[str, Any]) -> str:
    low, high = schema.get("minItems"), schema.get("maxItems")
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    return str(low) if low == high else f"{low} to {high}"


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."


_ARTICLES = {
    "a value": "another value",
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
