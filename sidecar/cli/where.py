"""`python -m sidecar where`: the name of the directory that the result of a file has."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sidecar.bootstrap.exit_codes import FINISHED, INIT_FAILED, INTERRUPTED
from sidecar.bootstrap.failure import Failure
from sidecar.cli.estimator_flags import add_flags, add_fps, open_estimator, probe_imports, read_flags

FAILED = 1  # the file cannot be read


def main(argv: Sequence[str]) -> int:
    """Print `video_<16 hex>`; exit codes as for `video`.

    The estimator is loaded, for only it knows which model files its options mean.
    """
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has written why
        return int(stop.code or 0)
    try:
        return _run(arguments)
    except Failure as failure:
        print(f"pose-sidecar where: {failure.code}: {failure.message}\n  {failure.hint}", file=sys.stderr)
        return INIT_FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    probe_imports()
    from sidecar.media.opening import MediaError
    from sidecar.video.process import directory_name
    from sidecar.video.source import identify

    try:
        source = identify(arguments.input, fps=arguments.fps)
    except MediaError as error:
        print(f"pose-sidecar where: {error.code}: {error}\n  {error.hint}", file=sys.stderr)
        return FAILED
    options = read_flags(arguments)
    estimator = open_estimator(options, warn=lambda code, message, hint: None)
    try:
        print(directory_name(source, options, estimator))
    finally:
        estimator.close()
    return FINISHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar where",
        description="Print the name of the directory, inside --out of `video`, that the result of FILE has. Give the "
        "same flags as there: those that change results change the name.",
    )
    parser.add_argument("input", type=Path, metavar="FILE", help="a video, a picture, or a folder of pictures")
    add_flags(parser)
    add_fps(parser)
    parser.set_defaults(threads=1)
    return parser
