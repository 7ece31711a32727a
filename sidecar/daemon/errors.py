"""ERROR messages, and the exception of a request that cannot be served."""

from __future__ import annotations

from typing import Any

from sidecar.wire.generated.codes import CODES


class RequestError(Exception):
    """This request, or this image of a batch, failed; the daemon lives on.

    Attributes:
        code: stable code of errors.json.
        hint: next step, where one is known.
    """

    def __init__(self, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def error_fields(code: str, message: str, *, hint: str | None = None) -> dict[str, Any]:
    """What every error carries: of a request, or of one item of a batch."""
    return {"code": code, "message": message, "hint": hint, "retryable": CODES[code].retryable}


def error_message(
    request_id: int | None, code: str, message: str, *, hint: str | None = None, details: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An ERROR: terminal for its request; with id None a fault tied to no request."""
    fields = error_fields(code, message, hint=hint)
    if details:
        fields["details"] = details
    return {"type": "error", "id": request_id, **fields}
