"""What a session came to, in few words: how start-up ended, how each request did, and how the daemon did."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sidecar.recording.format import CLIENT_TYPES, Record, Recording

ANSWERED = "result"
NOBODY = "null"  # errors that belong to no request

_NEVER_ANSWERED = frozenset({"init", "cancel", "ping", "drain"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one session.

    Attributes:
        start: "ready", or the code of init_failed; None: the recording has neither.
        answers: per request id, as text, how its terminal messages ended: "result" or the code of its error.
        exit_code: as the daemon gave it; None: it died.
    """

    start: str | None
    answers: dict[str, list[str]]
    exit_code: int | None

    @property
    def died(self) -> bool:
        """Did the daemon end without having decided to?"""
        return self.exit_code is None


def outcome_of(recording: Recording) -> Outcome:
    """What a recorded session came to."""
    start = None
    answers: dict[str, list[str]] = defaultdict(list)
    for record in recording.records:
        if record.type == "ready":
            start = "ready"
        elif record.type == "init_failed":
            start = str(record.message.get("code"))
        elif is_terminal(record.message):
            answers[key_of(record.message)].append(str(record.message.get("code", ANSWERED)))
    return Outcome(start, dict(answers), recording.exit_code)


def differences(recorded: Recording, replayed: Recording) -> list[str]:
    """How a replay differs from its recording, one sentence each; empty when it reproduced it.

    Answers to requests whose input is not in the recording (its body was too large, or the ring has moved on) are not
    compared.
    """
    before, now = outcome_of(recorded), outcome_of(replayed)
    found = []
    if before.start != now.start:
        found.append(f"start-up ended in {before.start}, replayed in {now.start}")
    for key in sorted(before.answers.keys() | now.answers.keys()):
        if key in comparable_ids(recorded):
            was, is_now = (", ".join(one.answers.get(key, ["no answer"])) for one in (before, now))
            if was != is_now:
                found.append(f"request {key} ended in {was}, replayed in {is_now}")
    if before.exit_code != now.exit_code:
        found.append(f"the daemon {_ending(before)}, replayed it {_ending(now)}")
    return found


def comparable_ids(recording: Recording) -> set[str]:
    """Ids whose requests are in the recording, whole."""
    sent = {key_of(message) for message, whole in _requests(recording) if whole}
    cut = {key_of(message) for message, whole in _requests(recording) if not whole}
    if int(recording.session.get("segment", 0)) == 0:
        sent.add(NOBODY)
    return sent - cut


def expected_answers(recording: Recording) -> int:
    """How many terminal messages a daemon that does not die gives to this input."""
    return sum(1 for _ in _requests(recording))


def is_terminal(message: dict[str, Any]) -> bool:
    """Does this message of the daemon end a request, or refuse a line?"""
    return message.get("type") in ("result", "error")


def key_of(message: dict[str, Any]) -> str:
    """The request that a message belongs to."""
    request_id = message.get("id")
    return NOBODY if request_id is None else str(request_id)


def requests_of(record: Record) -> list[dict[str, Any]]:
    """The message in a record of the client that is to be answered, if it holds one."""
    if record.type not in CLIENT_TYPES:
        return []
    message = _line_message(record) if record.type == "received" else record.message
    kind = message.get("type")
    return [] if isinstance(kind, str) and kind in _NEVER_ANSWERED else [message]


def _requests(recording: Recording) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every message or line that is to be answered, and whether its input was kept whole."""
    for record in recording.records:
        for message in requests_of(record):
            yield message, record.omitted_bytes == 0


def _ending(outcome: Outcome) -> str:
    return "died" if outcome.died else f"ended with exit code {outcome.exit_code}"


def _line_message(record: Record) -> dict[str, Any]:
    try:
        message = json.loads(record.body)
    except ValueError:  # the very fault that was recorded
        return {}
    return message if isinstance(message, dict) else {}
