"""Why a pickle is not read."""

from __future__ import annotations


class PickleRefused(Exception):
    """A file holds what this reader does not build, more than it takes, or less than it announces.

    Attributes:
        code: stable code of protocol/errors.json.
        reason: not_allowed | too_large | truncated | damaged | unreadable.
    """

    code = "DECODE_FAILED"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
