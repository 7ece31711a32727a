"""The flags that choose an estimator, and the estimator they choose: shared by the commands that look at files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from sidecar.bootstrap.argv import DEFAULT_ESTIMATOR, DETECTOR_OPTION
from sidecar.bootstrap.cache import writable_cache
from sidecar.bootstrap.cores import usable_cores
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.probe import import_or_fail, present_or_fail
from sidecar.finding.effort import DEFAULT_EFFORT, EFFORTS
from sidecar.tracking.options import CLEANINGS, AssembleOptionError, AssembleOptions

if TYPE_CHECKING:  # whatever is imported in earnest is probed first, so that what fails is explained
    from sidecar.estimators.protocol import Estimator
    from sidecar.video.options import VideoOptions

MAX_THREADS = 9999

# What looking at a file needs, whatever the estimator: module and distribution.
_NEEDED = (
    ("numpy", "numpy"),
    ("cv2", "opencv-python-headless"),
    ("av", "av"),
    ("orjson", "orjson"),
    ("filelock", "filelock"),
    ("rich", "rich"),
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that change results."""
    parser.add_argument("--estimator", default=DEFAULT_ESTIMATOR, metavar="NAME", help="model family (%(default)s)")
    parser.add_argument(
        "--detector", metavar="NAME", help="person detector, for several people (default: the estimator's own choice)"
    )
    parser.add_argument(
        "--min-score",
        type=_score,
        default=0.5,
        metavar="S",
        help="leave out people who never score as much, 0 to 1 (%(default)s); under 0.1 is nobody",
    )
    parser.add_argument(
        "--effort",
        choices=EFFORTS,
        default=DEFAULT_EFFORT,
        help="work per frame of a video: thorough loses nobody; fast looks again less often, and at every other frame "
        "of one person who moves steadily, the others interpolated; mediapipe follows one person exactly as MediaPipe "
        "does (%(default)s)",
    )
    parser.add_argument(
        "--clean",
        choices=CLEANINGS,
        default="hampel+smooth",
        help="what is done to each track's keypoints: outliers replaced, then smoothed without lag (%(default)s)",
    )
    parser.add_argument(
        "--max-gap",
        type=float,
        default=1.0,
        metavar="S",
        help="seconds of absence that are filled (%(default)s)",
    )
    parser.add_argument(
        "--extrapolate",
        type=float,
        default=0.0,
        metavar="S",
        help="seconds that people go on before their first and after their last sighting (%(default)s)",
    )
    parser.add_argument("--keep-raw", action="store_true", help="keep keypoints as they were found beside the cleaned")
    parser.add_argument(
        "--option", action="append", default=[], type=_pair, metavar="K=V", help="an option of the estimator; repeat it"
    )


def add_fps(parser: argparse.ArgumentParser) -> None:
    """Add --fps, which a folder of pictures does not know of itself."""
    parser.add_argument(
        "--fps", type=float, metavar="N", help="frame rate of a folder of pictures (30); videos know their own"
    )


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add --threads, which changes no result."""
    parser.add_argument(
        "--threads", type=_threads, default=usable_cores(), metavar="N", help="inference threads (usable cores)"
    )


def read_flags(arguments: argparse.Namespace, *, overlay: bool = True) -> VideoOptions:
    """The options that the flags ask for."""
    from sidecar.video.options import VideoOptions

    try:
        assemble = AssembleOptions(
            clean=arguments.clean,
            max_gap_s=arguments.max_gap,
            extrapolate_s=arguments.extrapolate,
            keep_raw=arguments.keep_raw,
        )
    except AssembleOptionError as error:
        raise Failure("CONFIG_INVALID", str(error), "Correct the flag.") from error
    options = dict(arguments.option)
    if arguments.detector is not None:
        options[DETECTOR_OPTION] = arguments.detector
    return VideoOptions(
        estimator=arguments.estimator,
        estimator_options=options,
        min_score=arguments.min_score,
        effort=arguments.effort,
        overlay=overlay,
        assemble=assemble,
        threads=arguments.threads,
    )


def open_estimator(options: VideoOptions, *, warn: Callable[[str, str, str | None], None]) -> Estimator:
    """Load the estimator.

    Raises:
        Failure: CONFIG_INVALID, IMPORT_FAILED, MODEL_MISSING and so on, with the fix.
    """
    from sidecar.estimators import registry
    from sidecar.estimators.protocol import LoadContext, OptionError

    try:
        spec = registry.spec(options.estimator)
        for requirement in spec.requires:
            probe = import_or_fail if requirement.at_start else present_or_fail
            probe(requirement.module, requirement.package)
        return spec.create(LoadContext(options.estimator_options, options.threads, writable_cache(), warn=warn))
    except OptionError as error:
        raise Failure("CONFIG_INVALID", str(error), "Choose one of the known ones.", phase="importing") from error


def probe_imports() -> None:
    """Import what every command on files needs.

    Raises:
        Failure: IMPORT_FAILED, naming the module and what to install.
    """
    for module, package in _NEEDED:
        import_or_fail(module, package)


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, got {text!r}")
    return score


def _threads(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_THREADS):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MAX_THREADS}, got {text!r}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, got {text!r}")
    return name, value
