"""Licences that somebody must accept before their files are fetched: asked once, and remembered beside the files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from sidecar.weights.manifest import ModelEntry
from sidecar.weights.transfer import PullError

FILE = "licences.json"
MAX_BYTES = 1 << 20


def require_consent(models: Iterable[ModelEntry], place: Path, *, accepted: bool) -> None:
    """Let files with restrictive licences pass only if those were accepted, now or before; a new one is remembered.

    A licence whose text in the manifest changed must be accepted again.

    Raises:
        PullError: some were not. The message shows them and says how.
    """
    remembered = _read(place / FILE)
    open_ = [model for model in models if model.needs_consent and remembered.get(model.name) != model.licence]
    if not open_:
        return
    if not accepted:
        lines = [f"  {model.name}: {model.licence}\n    {model.licence_url or model.origin}" for model in open_]
        raise PullError(
            "\n".join(["Licences that do not allow every use must be accepted first:", *lines])
            + "\nRead them, and if you may and will keep to them, run the same again with --accept-licence."
        )
    _write(place / FILE, remembered | {model.name: model.licence for model in open_})


def _read(path: Path) -> dict[str, str]:
    """What was accepted; a damaged file has no consent in it."""
    try:
        with path.open("rb") as file:
            accepted = json.loads(file.read(MAX_BYTES))["accepted"]
        return {name: licence for name, licence in accepted.items() if isinstance(licence, str)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write(path: Path, accepted: dict[str, str]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=FILE, suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"version": 1, "accepted": dict(sorted(accepted.items()))}, file, indent=2)
        Path(temporary).replace(path)
    except OSError as error:
        raise PullError(
            f"{path} cannot be written ({error.strerror or error}); choose another place with --dir"
        ) from error
