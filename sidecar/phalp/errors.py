"""What can be wrong with a file of tracks."""

from __future__ import annotations


class TracksError(Exception):
    """A file holds no tracks, or tracks that contradict themselves; the message names frame and field.

    Attributes:
        code: stable code of protocol/errors.json.
        hint: the next step.
    """

    code = "DECODE_FAILED"

    def __init__(self, message: str, hint: str = "pass a .pkl that the tracker wrote") -> None:
        super().__init__(message)
        self.hint = hint
