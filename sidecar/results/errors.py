"""What can be wrong with a result directory, told with the place and the next step."""

from __future__ import annotations


class ResultError(Exception):
    """A result directory cannot be read.

    Attributes:
        code: stable code of protocol/errors.json.
        reason: missing | unreadable | foreign | newer | truncated | damaged.
        hint: the next step.
    """

    code = "DECODE_FAILED"

    def __init__(self, reason: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.hint = hint


class LandingError(Exception):
    """A file or folder made from a result cannot be put where it should go."""

    code = "NO_RESOURCES"

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
