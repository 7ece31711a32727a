"""A state dict out of whatever file it lies in, told by its first bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sidecar.checkpoints import torch_before_zip
from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.safetensors_file import begins_safetensors, read_safetensors
from sidecar.checkpoints.torch_file import MAGIC, read_torch

NAMED_MAX = 5  # keys named in a message, of each kind


def read_state_dict(path: Path) -> dict[str, Array]:
    """Tensors by key, as read-only arrays over the mapped file.

    Raises:
        ModelFileRefused: it is neither a torch file nor a safetensors file, or it is damaged.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(torch_before_zip.MAGIC))
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error
    if head == torch_before_zip.MAGIC:
        return torch_before_zip.read_torch_before_zip(path)
    if head.startswith(MAGIC):
        return read_torch(path)
    if not begins_safetensors(head):
        raise ModelFileRefused(path, "damaged", f"is neither a torch file nor a safetensors file: it begins {head!r}")
    return read_safetensors(path)[0]


def under(prefix: str, state: Mapping[str, Array]) -> dict[str, Array]:
    """The tensors whose keys begin with `prefix`, without it."""
    return {key.removeprefix(prefix): array for key, array in state.items() if key.startswith(prefix)}


def require_known(path: Path, state: Mapping[str, Array], prefixes: Iterable[str]) -> None:
    """Refuse keys that begin with none of the prefixes.

    Raises:
        ModelFileRefused: there are some; the message names them.
    """
    known = tuple(prefixes)
    strange = [key for key in state if not key.startswith(known)]
    if strange:
        raise ModelFileRefused(path, "mismatch", f"is of another model: it has {_named(strange)}", hint=_HINT)


def require_match(path: Path, found: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse a state dict unless it has exactly the wanted keys, each of the wanted shape.

    Raises:
        ModelFileRefused: keys are missing, unexpected or of another shape; the message names them.
    """
    missing = [key for key in wanted if key not in found]
    unexpected = [key for key in found if key not in wanted]
    misshaped = [
        f"{key} {found[key]} for {shape}" for key, shape in wanted.items() if key in found and found[key] != shape
    ]
    faults = [
        f"{kind} {_named(keys)}"
        for kind, keys in (("missing", missing), ("unexpected", unexpected), ("of another shape", misshaped))
        if keys
    ]
    if faults:
        raise ModelFileRefused(path, "mismatch", f"is of another model: {'; '.join(faults)}", hint=_HINT)


_HINT = "Check that the file is the one that the model's card names, and that its size was chosen right."


def _named(keys: list[str]) -> str:
    more = f" and {len(keys) - NAMED_MAX} more" if len(keys) > NAMED_MAX else ""
    return f"{len(keys)} ({', '.join(keys[:NAMED_MAX])}{more})"
