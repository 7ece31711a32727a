"""What a generated validator raises; `messages` turns it into a sentence."""

from __future__ import annotations

from typing import Any


class SchemaViolation(ValueError):
    """A value broke one rule of a schema. The signature is the one fastjsonschema's code calls.

    Attributes:
        value: the offending value.
        path: where it is, below the message: ".params.regions[2].size"; "" is the message itself.
        definition: the schema it had to fit.
        rule: the keyword of that schema that it broke.
    """

    def __init__(self, message: str, value: Any, name: str, definition: dict[str, Any], rule: str) -> None:
        super().__init__(message)
        self.value = value
        self.path = name.removeprefix("data")
        self.definition = definition
        self.rule = rule
