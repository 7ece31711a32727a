"""Places of one's own to fetch from, before the published ones."""

from __future__ import annotations

import os
from urllib.parse import quote

from sidecar.weights.manifest import ModelEntry, UrlSource
from sidecar.weights.transfer import PullError

VARIABLE = "POSE_MODELS_MIRROR"
MAX_MIRRORS = 8


def mirrors_by_environment() -> tuple[str, ...]:
    """The addresses in POSE_MODELS_MIRROR, apart by spaces: folders that hold model files under their usual names.

    Raises:
        PullError: one is no http or https address.
    """
    addresses = tuple(os.environ.get(VARIABLE, "").split())
    for address in addresses:
        if not address.startswith(("http://", "https://")):
            raise PullError(f"{VARIABLE} must hold http or https addresses, apart by spaces, got {address!r}")
    if len(addresses) > MAX_MIRRORS:
        raise PullError(f"{VARIABLE} may hold {MAX_MIRRORS} addresses, got {len(addresses)}")
    return addresses


def mirrored(model: ModelEntry, mirrors: tuple[str, ...]) -> list[UrlSource]:
    """Where the mirrors have a model."""
    return [UrlSource(f"{mirror.rstrip('/')}/{quote(model.file)}") for mirror in mirrors]
