"""What everything that moves model files shares: how it reports, and how it fails."""

from __future__ import annotations

from typing import Protocol


class SourceError(Exception):
    """One source could not deliver. The message says why; the next source is tried."""


class PullError(Exception):
    """A model could not be brought. The message says why, with every source that was tried, and the next step."""


class Report(Protocol):
    """Told whenever something moves. Whoever shows it also shows that time passes."""

    def __call__(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """`doing` goes on; `done` of `total` bytes are here; None where the total is not known."""


def silent(doing: str, done: int = 0, total: int | None = None) -> None:
    """A Report for callers that show nothing."""
