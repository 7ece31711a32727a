"""Trust on first use: the digest of a file whose publisher gives none, kept beside it when it first came.

From then on only that file is right. Who can write the folder can write both; a digest in the manifest is better.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sidecar.weights.manifest import ModelEntry

FILE = "pins.json"
MAX_BYTES = 1 << 20


class PinsDamaged(ValueError):
    """The file of pins is not what we write. The message names it and the next step."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What first came under a model's name."""

    sha256: str
    bytes: int
    source: str


def pinned(model: ModelEntry, place: Path) -> ModelEntry | None:
    """The model with its digest and size, from the manifest or from the pins of `place`; None where neither knows.

    Raises:
        PinsDamaged: the place's pins cannot be read.
    """
    if model.sha256 is not None:
        return model
    pin = read_pins(place).get(model.name)
    return None if pin is None else replace(model, sha256=pin.sha256, bytes=pin.bytes)


def read_pins(place: Path) -> dict[str, Pin]:
    """The pins of a folder by model; none where there is no file.

    Raises:
        PinsDamaged: it cannot be read, or is no file of pins.
    """
    path = place / FILE
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES} bytes")
        return {name: _pin(raw) for name, raw in json.loads(text)["pins"].items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PinsDamaged(f"{path} is damaged ({error}); remove it and add its models again") from error


def keep_pin(model: ModelEntry, pin: Pin, place: Path) -> None:
    """Add a pin, all or nothing.

    Raises:
        PinsDamaged: what is there cannot be read.
        OSError: it cannot be written.
    """
    _write(place / FILE, {**read_pins(place), model.name: pin})


def _pin(raw: Mapping[str, object]) -> Pin:
    sha256, size, source = raw["sha256"], raw["bytes"], raw["source"]
    is_digest = isinstance(sha256, str) and len(sha256) == 64 and not set(sha256) - set("0123456789abcdef")
    if not is_digest or type(size) is not int or size < 1 or not isinstance(source, str):
        raise ValueError(f"{raw} is no pin")
    return Pin(str(sha256), size, source)


def _write(path: Path, pins: Mapping[str, Pin]) -> None:
    content = {"version": 1, "pins": {name: asdict(pin) for name, pin in sorted(pins.items())}}
    handle, temporary = tempfile.mkstemp(prefix=FILE, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
