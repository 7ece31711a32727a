"""Why the daemon cannot start: the content of INIT_FAILED."""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional

TRACEBACK_LINES = 12  # the end of a traceback names the culprit; the rest is for the log

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


class Failure(Exception):
    """A start-up fault, told so that a tired person can act on it. Whoever detects the fault raises it.

    Attributes:
        code: stable code of errors.json.
        message: one sentence that names the value.
        hint: the next step.
        phase: importing, loading, ...; None: the phase in which it was raised.
        module: the module that failed, where one did.
        package: the distribution to install, where that helps.
        command: a literal shell command that mends it, where one does.
        retryable: may starting again without a change help?
        traceback_tail: last lines of the traceback.
        details: facts for machines.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str,
        *,
        phase: Optional[str] = None,
        module: Optional[str] = None,
        package: Optional[str] = None,
        command: Optional[str] = None,
        retryable: bool = False,
        traceback_tail: Optional[str] = None,
        details: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.phase = phase
        self.module = module
        self.package = package
        self.command = command
        self.retryable = retryable
        self.traceback_tail = traceback_tail
        self.details = details

    def to_message(self, phase: str) -> Dict[str, Any]:
        """The INIT_FAILED message; `phase` is used where the failure names none itself."""
        message: Dict[str, Any] = {
            "type": "init_failed",
            "code": self.code,
            "phase": self.phase or phase,
            "module": self.module,
            "package": self.package,
            "interpreter": sys.executable,
            "message": self.message,
            "hint": self.hint,
            "command": self.command,
            "retryable": self.retryable,
            "traceback_tail": self.traceback_tail,
        }
        if self.details:
            message["details"] = self.details
        return message


def traceback_tail(error: BaseException) -> str:
    """The last lines of an exception's traceback, as one string."""
    import traceback  # costs 3 ms: only a failure pays them

    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
    return "\n".join(lines[-TRACEBACK_LINES:])


def is_out_of_memory(error: BaseException) -> bool:
    """Did memory end, of the machine or of a GPU? Torch says so in the words of a RuntimeError."""
    said = str(error).lower() if isinstance(error, RuntimeError) else ""
    return isinstance(error, MemoryError) or any(words in said for words in _OUT_OF_MEMORY)


def unexpected(error: BaseException, phase: str) -> Failure:
    """The failure for an exception that nobody foresaw during `phase`."""
    if is_out_of_memory(error):
        code, hint, retryable = "NO_RESOURCES", "Free memory, or start fewer daemons.", True
    elif phase == "loading":
        code, hint, retryable = "MODEL_LOAD_FAILED", "Run `python -m sidecar doctor`; its findings name the fix.", False
    else:
        code, hint, retryable = "INTERNAL", "This is a defect: report it with the traceback.", False
    what = str(error) or "no message"
    return Failure(
        code,
        "{} failed: {}: {}".format(phase, type(error).__name__, what),
        hint,
        retryable=retryable,
        traceback_tail=traceback_tail(error),
    )
