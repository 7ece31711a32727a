"""`python -m sidecar video`: people of a video or picture, as poses.jsonl, summary.json and an overlay."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from sidecar.bootstrap.exit_codes import FINISHED, INIT_FAILED, INTERRUPTED
from sidecar.bootstrap.failure import Failure
from sidecar.cli.estimator_flags import add_flags, add_fps, add_threads, open_estimator, probe_imports, read_flags

FAILED = 1  # the input cannot be read, or the output not written


def main(argv: Sequence[str]) -> int:
    """Run the command.

    Returns:
        The exit code: 0 done, 1 input or output at fault, 2 wrong usage, 3 the estimator cannot be loaded,
        130 interrupted.
    """
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has written why
        return int(stop.code or 0)
    before = signal.signal(signal.SIGTERM, _interrupt)  # leaves no half-written directory either
    try:
        return _run(arguments)
    except Failure as failure:
        return _complain(f"{failure.code}: {failure.message}", failure.hint, INIT_FAILED)
    except KeyboardInterrupt:
        said = "interrupted; finished segments are kept, and the same command goes on from there"
        return _complain(said, None, INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(arguments: argparse.Namespace) -> int:
    probe_imports()
    from sidecar.cli.frames_display import frames_display
    from sidecar.media.opening import MediaError
    from sidecar.video.poses_file import BrokenPose
    from sidecar.video.process import process
    from sidecar.video.result_dir import OutputError
    from sidecar.video.source import identify

    options = read_flags(arguments, overlay=not arguments.no_overlay)
    with frames_display() as display:
        try:
            display.phase(f"reading {arguments.input.name}")
            source = identify(arguments.input, fps=arguments.fps)
            display.phase(f"loading {options.estimator}")
            estimator = open_estimator(options, warn=_warn)
            try:
                display.phase("finding people")
                outcome = process(
                    source,
                    arguments.out,
                    options,
                    estimator,
                    force=arguments.force,
                    on_frame=display.frames,
                    on_wait=lambda: display.phase("waiting for another run of the same input"),
                )
            finally:
                estimator.close()
        except (MediaError, OutputError) as error:
            return _complain(f"{error.code}: {error}", error.hint, FAILED)
        except BrokenPose as error:
            return _complain(f"{error.code}: {error}", f"this is a fault of estimator {options.estimator}", FAILED)
    facts = outcome.summary
    if facts["message"]:
        print(f"pose-sidecar video: {facts['message']}", file=sys.stderr)
    how = "was there already" if outcome.reused else f"{facts['frames_per_second']} frames/s"
    found = f"{facts['frames']} frames, {facts['frames_with_person']} with a person"
    print(f"{found}, {how}", file=sys.stderr)
    print(outcome.directory)
    return FINISHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar video",
        description="Find the people in every frame of a video or of a folder of pictures, or in one picture. "
        "Writes OUT/video_<16 hex>/ with poses.jsonl, summary.json and overlay.mp4 (overlay.png for a picture), and "
        "prints its path.",
    )
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help="a video; a JPEG, PNG or WebP picture; or a folder of pictures"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of all results")
    add_flags(parser)
    add_threads(parser)
    add_fps(parser)
    parser.add_argument("--no-overlay", action="store_true", help="poses and summary only")
    parser.add_argument("--force", action="store_true", help="work even if the result is there already")
    return parser


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _warn(code: str, message: str, hint: str | None) -> None:
    print(f"pose-sidecar video: {message} {hint or ''}".rstrip(), file=sys.stderr)


def _complain(message: str, hint: str | None, code: int) -> int:
    print(f"pose-sidecar video: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr)
    return code
