"""`python -m sidecar export`: a result in the file format of another program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sidecar.bootstrap.exit_codes import FINISHED, INTERRUPTED

FAILED = 1  # the result cannot be read, or the export not written
FORMATS = {
    "coco": "DIR/coco.json: COCO keypoint results, one entry per person; image_id is the frame, from 0",
    "openpose": "DIR/openpose/, or --out NAME.zip: one JSON file per frame with BODY_25; person_id is the track",
    "mot": "DIR/mot.txt: MOT Challenge boxes; frames from 1",
    "csv": "DIR/poses.csv: one row per keypoint, with time, id, provenance and distance",
}
_EPILOG = (
    "formats:\n"
    + "\n".join(f"  {name:<10}{text}" for name, text in FORMATS.items())
    + """

Coordinates are pixels of the upright frame. Only csv says of each person where the numbers came from; for the
others, --filled exclude leaves out the interpolated and predicted people. What a skeleton lacks (BlazePose: the
small toes) is 0,0,0 in OpenPose files. In pandas:

  rows = pandas.read_csv("poses.csv")
  wide = rows.pivot(index=["frame", "id"], columns="keypoint", values=["x", "y"])

Exit code 0: written, and the path printed; 1: the result cannot be read or the export not written; 2: wrong usage.
"""
)


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
    from sidecar.export.formats import FORMATS as WRITERS
    from sidecar.export.joints import ExportError
    from sidecar.results.errors import LandingError, ResultError
    from sidecar.results.reading import open_result

    chosen = WRITERS[arguments.format]
    path: Path = arguments.out or arguments.dir / chosen.default_name
    try:
        count = chosen.write(open_result(arguments.dir), path, filled=arguments.filled)
    except (ResultError, ExportError, LandingError) as error:
        return _complain(f"{error.code}: {error}", error.hint, FAILED)
    left_out = "" if arguments.filled == "include" else ", filled ones left out"
    print(f"{count} people{left_out}", file=sys.stderr)
    print(path)
    return FINISHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar export",
        description="Write the result in DIR in the format of another program, and print where.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dir", type=Path, metavar="DIR", help="a result directory, as `video` printed it")
    parser.add_argument("--format", choices=sorted(FORMATS), required=True)
    parser.add_argument(
        "--out", type=Path, metavar="PATH", help="file (openpose: folder, or NAME.zip) to write; default: in DIR"
    )
    parser.add_argument(
        "--filled",
        choices=("include", "exclude"),
        default="include",
        help="people that were interpolated or predicted between observations (default include)",
    )
    return parser


def _complain(message: str, hint: str | None, code: int) -> int:
    print(f"pose-sidecar export: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr)
    return code
