"""The name of a result: two runs have one name exactly when they must have one result."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from sidecar.estimators.protocol import EstimatorInfo

SCHEMA_VERSION = 1  # of the files in a result directory; part of their identity
NAME_PREFIX = "video_"
NAME_HEX_DIGITS = 16


CHUNK_BYTES = 4 * 1024 * 1024


def content_sha256(path: Path, *, on_chunk: Callable[[], None] = lambda: None) -> str:
    """Digest of a file's content, hex. `on_chunk` is called for every CHUNK_BYTES and may raise to stop."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            on_chunk()
    return digest.hexdigest()


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
