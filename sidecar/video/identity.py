"""The name of a result: two runs have one name exactly when they must have one result."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from sidecar.estimators.protocol import EstimatorInfo

SCHEMA_VERSION = 1  # of the files in a result directory; part of their identity
NAME_PREFIX = "video_"
NAME_HEX_DIGITS = 16


def content_sha256(path: Path) -> str:
    """Digest of a file's content, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_digests(info: EstimatorInfo) -> dict[str, str]:
    """SHA-256 of every model file in use, by the model's name."""
    return {model.name: model.sha256 for model in info.models}


def result_name(*, content: str, options: Mapping[str, Any], models: Mapping[str, str]) -> str:
    """Name of a result's directory: `video_` and the first 16 hex digits of a SHA-256.

    It is taken over canonical JSON (keys sorted, no spaces, UTF-8) of `content` (the source's SHA-256, hex),
    `models` (digests by name), `options` (those that change results) and `schema_version`. Paths, worker counts,
    threads and log levels are no part of it.
    """
    identity = {"content": content, "models": models, "options": options, "schema_version": SCHEMA_VERSION}
    canonical = orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)
    return NAME_PREFIX + hashlib.sha256(canonical).hexdigest()[:NAME_HEX_DIGITS]
