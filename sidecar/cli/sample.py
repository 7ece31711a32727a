"""`python -m sidecar sample`: a video of synthetic people, with the truth about them beside it."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sidecar.bootstrap.exit_codes import INTERRUPTED
from sidecar.mannequin.backdrop.places import PLACES
from sidecar.mannequin.motion.choreography import MOTIONS
from sidecar.mannequin.recording import record, truth_path
from sidecar.mannequin.scene import MAX_PEOPLE, SceneOptionError, SceneOptions

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
LINE_INTERVAL_S = 2.0


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code: 0 written, 1 could not write, 2 wrong usage, 130 interrupted."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has written why
        return int(stop.code or 0)
    video: Path = arguments.out
    try:
        options = _options(arguments)
    except SceneOptionError as error:
        return _complain(str(error), EXIT_USAGE)
    if video.suffix.lower() != ".mp4":
        return _complain(f"OUT must end in .mp4, got {video.name!r}", EXIT_USAGE)
    if not video.parent.is_dir():
        return _complain(f"the folder {video.parent} does not exist; create it first", EXIT_USAGE)
    start_s = time.monotonic()
    try:
        with _progress(options.frames) as progress:
            record(video, options, lossless=arguments.lossless, progress=progress)
    except OSError as error:
        return _complain(f"cannot write {video}: {error}", EXIT_FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted; nothing unfinished was kept", INTERRUPTED)
    took_s = time.monotonic() - start_s
    print(f"{video}  {options.frames} frames, {options.width}x{options.height}, {options.fps:g} fps")
    print(f"{truth_path(video)}  joints of {options.people} in every frame")
    print(f"{options.frames / took_s:.0f} frames/s")
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    default = SceneOptions()
    parser = argparse.ArgumentParser(
        prog="python -m sidecar sample",
        description="Render a video of synthetic people, and OUT.truth.json with their exact joints beside it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="the video to write, *.mp4")
    parser.add_argument("--people", type=int, default=default.people, metavar="N", help=f"1 to {MAX_PEOPLE}")
    parser.add_argument("--seconds", type=float, default=default.seconds, metavar="S")
    parser.add_argument("--seed", type=int, default=default.seed, metavar="N", help="same seed, same pixels")
    parser.add_argument("--motion", choices=MOTIONS, default=default.motion)
    parser.add_argument("--fps", type=float, default=default.fps, metavar="F")
    parser.add_argument("--size", default=f"{default.width}x{default.height}", metavar="WxH", help="even numbers")
    parser.add_argument("--yaw", type=float, metavar="DEG", help="where standing people face; 0 is the viewer")
    parser.add_argument("--place", choices=PLACES, help="without it, the seed chooses")
    parser.add_argument("--lossless", action="store_true", help="keep every pixel (large; not for browsers)")
    return parser


def _options(arguments: argparse.Namespace) -> SceneOptions:
    size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", arguments.size)
    if size is None:
        raise SceneOptionError(f"--size must be WIDTHxHEIGHT like 640x360, got {arguments.size!r}")
    return SceneOptions(
        people=arguments.people, seconds=arguments.seconds, seed=arguments.seed, motion=arguments.motion,
        fps=arguments.fps, width=int(size[1]), height=int(size[2]), yaw_deg=arguments.yaw, place=arguments.place,
    )  # fmt: skip


def _complain(message: str, code: int) -> int:
    print(f"pose-sidecar sample: {message}", file=sys.stderr)
    return code


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A moving bar on a terminal, a line every LINE_INTERVAL_S elsewhere; both on stderr."""
    console = Console(stderr=True)
    if console.is_interactive:  # a terminal that can move its cursor
        columns = (TextColumn("rendering"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("rendering", total=total)
            yield lambda done: bar.update(task, completed=done)
        return
    said_s = time.monotonic()

    def say(done: int) -> None:
        nonlocal said_s
        if time.monotonic() - said_s >= LINE_INTERVAL_S:
            said_s = time.monotonic()
            print(f"  rendering {done} of {total} frames", file=sys.stderr, flush=True)

    yield say
