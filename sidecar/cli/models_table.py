"""The known models as a table that helps to choose: what for, how large, how exact, under which terms, here or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sidecar.weights.manifest import Kind, ModelEntry

_TITLES: dict[Kind, str] = {
    "keypoints": "Keypoints",
    "persons": "Person detectors",
    "body": "Bodies",
    "part": "Parts of others",
}
_HEADINGS = ("", "name", "size", "answers with", "accuracy", "commercial use", "how to get it")
_LICENCE_CHARS = 14

Row = tuple[str, ...]


def table(models: Sequence[tuple[ModelEntry, Path | None]]) -> Iterator[str]:
    """Lines: models by kind, each with where it lies or how to get it."""
    rows = [_row(model, found) for model, found in models]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    first = True
    for kind, title in _TITLES.items():
        of_kind = [row for row, (model, _) in zip(rows, models, strict=True) if model.kind == kind]
        if not of_kind:
            continue
        if not first:
            yield ""
        first = False
        yield title
        yield _line(_HEADINGS, widths)
        yield from (_line(row, widths) for row in of_kind)


def _row(model: ModelEntry, found: Path | None) -> Row:
    return (
        "✓" if found else "·",
        model.name,
        "?" if model.bytes is None else f"{model.bytes / 1e6:.1f} MB",
        model.skeleton or {"persons": "boxes"}.get(model.kind, "-"),
        model.accuracy or "-",
        f"yes, {_short(model.licence)}" if model.commercial_use else "no",
        str(found) if found else _how(model),
    )


def _short(licence: str) -> str:
    return licence.partition(" ")[0].strip(",;")[:_LICENCE_CHARS]


def _how(model: ModelEntry) -> str:
    if not model.sources and model.sha256 is None:
        return f"models add FILE --as {model.name}"
    consent = " --accept-licence" if model.needs_consent else ""
    return f"models pull{'' if model.default else f' {model.name}'}{consent}"


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
