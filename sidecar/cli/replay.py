"""`python -m sidecar replay FILE`: play a flight recording again and say whether it came to the same."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO

from sidecar.recording.format import NotARecording, Recording, read_recording
from sidecar.recording.outcome import Outcome, comparable_ids, differences, outcome_of
from sidecar.recording.replay import DidNotStart, Replayed, replay

REPRODUCED = 0
DIFFERS = 1
UNREADABLE = 2

DEFAULT_PATIENCE_S = 60.0
LOG_TAIL_LINES = 15


def main(argv: list[str]) -> int:
    """Replay one recording. Returns 0: it came to the same; 1: it did not; 2: no recording could be read."""
    arguments = _parser().parse_args(argv)
    try:
        recording = read_recording(arguments.file)
    except (NotARecording, OSError) as error:
        print(f"replay: {error}", file=sys.stderr)
        return UNREADABLE
    with tempfile.TemporaryFile() as log:
        try:
            replayed = replay(recording, patience_s=arguments.patience, log=log)
        except DidNotStart as error:
            print(f"replay: {error}\n{_tail(log)}", file=sys.stderr)
            return DIFFERS
        found = differences(recording, replayed.recording)
        if arguments.json:
            print(json.dumps(_report(recording, replayed, found), indent=2))
        else:
            _print_report(recording, replayed, found)
            if found or arguments.log:
                print(_tail(log), file=sys.stderr)
    return DIFFERS if found else REPRODUCED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar replay",
        description="Play a flight recording to a fresh daemon and compare what it comes to.",
        epilog="Exit code 0: the same; 1: something else; 2: FILE is no recording. "
        "A request by `path` reads that file again; a body that was too large to record is not compared.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="of --record, or a segment of a ring (.a or .b)")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    parser.add_argument("--log", action="store_true", help="print the end of the daemon's log, too")
    parser.add_argument(
        "--patience",
        type=float,
        default=DEFAULT_PATIENCE_S,
        metavar="SECONDS",
        help=f"longest wait for one answer (default {DEFAULT_PATIENCE_S:g})",
    )
    return parser


def _report(recording: Recording, replayed: Replayed, found: list[str]) -> dict[str, object]:
    return {
        "reproduced": not found,
        "recorded": asdict(outcome_of(recording)),
        "replayed": asdict(outcome_of(replayed.recording)),
        "process_exit_code": replayed.exit_code,
        "torn": recording.torn,
        "differences": found,
    }


def _print_report(recording: Recording, replayed: Replayed, found: list[str]) -> None:
    session = recording.session
    print(f"recorded {session.get('started')} by pose-sidecar {session.get('version')}, --wire {session['wire']}")
    before, now = outcome_of(recording), outcome_of(replayed.recording)
    print(f"  start-up       {before.start} -> {now.start}")
    comparable = comparable_ids(recording)
    for key, said in before.answers.items():
        note = "" if key in comparable else "   (input not recorded: not compared)"
        print(f"  request {key:<6} {', '.join(said)} -> {', '.join(now.answers.get(key, ['no answer']))}{note}")
    print(f"  end            {_end(before)} -> {_end(now)} (process: {replayed.exit_code})")
    print("reproduced" if not found else "not reproduced:\n  " + "\n  ".join(found))


def _end(outcome: Outcome) -> str:
    return "died" if outcome.died else f"exit code {outcome.exit_code}"


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-LOG_TAIL_LINES:])
