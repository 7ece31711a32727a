"""Why a model's file is not read."""

from __future__ import annotations

from pathlib import Path

from sidecar.bootstrap.failure import Failure


class ModelFileRefused(Failure):
    """A file is damaged, hostile, or of another model. Nothing in it was run.

    Attributes:
        reason: not_allowed | too_large | truncated | damaged | unreadable | mismatch.
    """

    def __init__(self, path: Path, reason: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(
            "MODEL_LOAD_FAILED",
            f"{path}: {message}",
            hint or "Get the file again from its publisher and compare its sha256; the model's card says which it is.",
            phase="loading",
            details={"path": str(path), "reason": reason},
        )
        self.reason = reason
