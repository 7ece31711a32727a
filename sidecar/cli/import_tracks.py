"""`python -m sidecar import-tracks`: the tracks of the previous service as a result of ours."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from sidecar.bootstrap.exit_codes import FINISHED, INTERRUPTED

FAILED = 1  # the file cannot be read, or the result not written
DEFAULT_FPS = 30.0
MAX_FPS = 1000.0
_EPILOG = """\
The file is read by a machine that can build arrays, numbers, texts and containers; nothing in it is run.

The tracker writes a person it lost into up to 50 further frames, unchanged. Such copies are never `detected` here:
between two sightings they become `predicted` people who move, and behind the last sighting they are left out. Ids
count from 1 in the order of first frames; the tracker's own are in options.estimator_options.tracker_ids of the
header, in the same order.

Exit code 0: written, and the path printed; 1: the file cannot be read or the result not written; 2: wrong usage.
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code: 0 done, 1 file or output at fault, 2 wrong usage, 130 interrupted."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has written why
        return int(stop.code or 0)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _complain("interrupted; nothing unfinished was kept", None, INTERRUPTED)


def _run(arguments: argparse.Namespace) -> int:
    from sidecar.phalp.errors import TracksError
    from sidecar.phalp.importing import ImportOptions, import_tracks
    from sidecar.video.result_dir import OutputError

    try:
        done = import_tracks(arguments.file, arguments.out, ImportOptions(arguments.fps or DEFAULT_FPS, arguments.size))
    except (TracksError, OutputError) as error:
        return _complain(f"{error.code}: {error}", error.hint, FAILED)
    facts = done.summary
    said = [f"{facts['frames']} frames, {facts['tracks']} tracks, {facts['persons']} people"]
    if done.copies:
        said.append(f"{done.copies} entries were copies of an earlier pose, and none of them was kept")
    if done.filled:
        said.append(f"{done.filled} people between sightings were filled in")
    if done.doubles:
        said.append(f"{done.doubles} had an id that was in the frame already, and were left out")
    if done.size_is_guessed:
        width, height = done.size
        said.append(f"the file does not say how large frames are; {width}x{height} holds all boxes (--size WxH)")
    if arguments.fps is None:
        said.append(f"times count {DEFAULT_FPS:g} frames a second (--fps F)")
    print("\n".join(said), file=sys.stderr)
    print(done.directory)
    return FINISHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar import-tracks",
        description="Read a .pkl of the previous service's tracker (PHALP, joblib) and write OUT/tracks_<16 hex>/ with "
        "poses.jsonl and summary.json, for `export` and `report`. Prints its path.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a .pkl, compressed or not")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of all results")
    parser.add_argument("--fps", type=_fps, metavar="F", help=f"frames a second of the video (default {DEFAULT_FPS:g})")
    parser.add_argument("--size", type=_size, metavar="WxH", help="of the frames in px, where the file does not say")
    return parser


def _fps(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= MAX_FPS:
        raise argparse.ArgumentTypeError(f"must be a number above 0 and up to {MAX_FPS:g}, got {text!r}")
    return value


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d{0,5})x([1-9]\d{0,5})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"must be WIDTHxHEIGHT like 1280x720, got {text!r}")
    return int(match[1]), int(match[2])


def _complain(message: str, hint: str | None, code: int) -> int:
    print(f"pose-sidecar import-tracks: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr)
    return code
