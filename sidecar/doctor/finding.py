"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass

OK = "ok"
WARNING = "warning"  # works, but someone should know
PROBLEM = "problem"  # the default model does not start like this


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        group: heading it stands under.
        name: what was looked at.
        status: OK, WARNING or PROBLEM.
        detail: what was seen, with values.
        hint: the next step, where one is needed.
        command: the literal command that mends it, where one does.
    """

    group: str
    name: str
    status: str
    detail: str
    hint: str | None = None
    command: str | None = None
