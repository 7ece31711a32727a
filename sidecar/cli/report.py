"""`python -m sidecar report`: one HTML page about a result."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sidecar.bootstrap.exit_codes import FINISHED, INTERRUPTED

FAILED = 1  # the result cannot be read, or the page not written


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code: 0 done, 1 result or output at fault, 2 wrong usage, 130 interrupted."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has written why
        return int(stop.code or 0)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _complain("interrupted; nothing unfinished was kept", None, INTERRUPTED)


def _run(arguments: argparse.Namespace) -> int:
    from sidecar.report.page import DEFAULT_NAME, write_report
    from sidecar.report.survey import TooManyTracks
    from sidecar.results.errors import LandingError, ResultError
    from sidecar.results.reading import open_result

    path: Path = arguments.out or arguments.dir / DEFAULT_NAME
    try:
        size = write_report(open_result(arguments.dir), path)
    except (ResultError, TooManyTracks, LandingError) as error:
        return _complain(f"{error.code}: {error}", error.hint, FAILED)
    print(f"{size / 1024:.0f} kB", file=sys.stderr)
    print(path)
    return FINISHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar report",
        description="Write one HTML page about the result in DIR, and print its path: who was seen when and what was "
        "filled in, how joints moved before and after cleaning, sample frames, where the time went. The page needs "
        "nothing else: it opens from disk, can be sent by mail, and asks no server for anything.",
        epilog="Exit code 0: written; 1: the result cannot be read or the page not written; 2: wrong usage.",
    )
    parser.add_argument("dir", type=Path, metavar="DIR", help="a result directory, as `video` printed it")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the page (default DIR/report.html)")
    return parser


def _complain(message: str, hint: str | None, code: int) -> int:
    print(f"pose-sidecar report: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr)
    return code
