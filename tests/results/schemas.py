"""Validators of the files in protocol/schema/files."""

from __future__ import annotations

import json

import jsonschema

from sidecar.data import data_path


def validator(name: str) -> jsonschema.Draft7Validator:
    schema = json.loads(data_path("protocol", "schema", "files", f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)
