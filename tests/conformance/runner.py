"""Runs checks against a command and says what came of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.conformance import frames_bytes, frames_handshake, frames_work, lines
from tests.conformance.peer import Garbled, Peer, Silence
from tests.conformance.requirements import CHECKS, Check, Violation

CHECK_MODULES = (frames_handshake, frames_bytes, frames_work, lines)  # importing them registered their checks


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check; `violation` is None when it passed."""

    check: Check
    violation: str | None
    stderr: str


def run_checks(
    command: Sequence[str], *, wires: Sequence[str] = ("frames", "jsonl"), patience_s: float = 20.0
) -> Iterator[Outcome]:
    """Run every check of these encodings.

    Args:
        command: the daemon's command line.
        patience_s: a daemon that is silent for longer fails the check.
    """
    for check in CHECKS:
        if check.wire in wires:
            yield run_check(check, command, patience_s=patience_s)


def run_check(check: Check, command: Sequence[str], *, patience_s: float) -> Outcome:
    """Run one check on fresh daemons; `--wire NAME` is appended to the command."""
    peers: list[Peer] = []

    def start(*arguments: str) -> Peer:
        peers.append(Peer([*command, "--wire", check.wire, *arguments], wire=check.wire, patience_s=patience_s))
        return peers[-1]

    violation = None
    try:
        check.run(start)
    except (Violation, Silence, Garbled, EOFError) as error:
        violation = str(error)
    return Outcome(check, violation, peers[-1].stderr_tail() if peers else "")
