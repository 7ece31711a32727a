"""The formats by name: where each goes by default, and what writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from sidecar.export import coco, csv_rows, mot, openpose
from sidecar.export.people import Filled
from sidecar.results.reading import Result


class Writer(Protocol):
    """Writes a result to a path and returns the number of people."""

    def __call__(self, result: Result, path: Path, *, filled: Filled) -> int: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        default_name: of the file or folder inside the result directory.
    """

    default_name: str
    write: Writer


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "coco": Format("coco.json", coco.write),
        "openpose": Format(openpose.FOLDER, openpose.write),
        "mot": Format("mot.txt", mot.write),
        "csv": Format("poses.csv", csv_rows.write),
    }
)
