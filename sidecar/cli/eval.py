"""`python -m sidecar eval`: COCO's keypoint AP and OKS of any estimator, on labelled pictures."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.bootstrap.argv import DEFAULT_ESTIMATOR, DETECTOR_OPTION
from sidecar.bootstrap.exit_codes import INTERRUPTED
from sidecar.bootstrap.probe import import_or_fail
from sidecar.cli.estimator_flags import add_threads, open_estimator

if TYPE_CHECKING:  # whatever is imported in earnest is probed first, so that what fails is explained
    from sidecar.estimators.protocol import Estimator
    from sidecar.evaluation.annotations import Annotations
    from sidecar.evaluation.scoring import Scores
    from sidecar.pose.person import Person

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
MAX_PIXELS = 64_000_000
REPORT_INTERVAL_S = 5.0

_NEEDED = (("numpy", "numpy"), ("cv2", "opencv-python-headless"), ("scipy", "scipy"), ("pycocotools", "pycocotools"))


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code: 0 done, 1 labels or pictures are unusable, 2 usage, 130 interrupted."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has written why
        return int(stop.code or 0)
    for module, package in _NEEDED:
        import_or_fail(module, package)
    from sidecar.evaluation.annotations import EvaluationError
    from sidecar.export.joints import ExportError
    from sidecar.media.image import ImageError

    try:
        return _run(arguments)
    except (EvaluationError, ExportError, ImageError) as error:
        return _complain(str(error), EXIT_FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar eval",
        description="Average precision (COCO keypoints, by pycocotools) and mean OKS of an estimator.",
    )
    parser.add_argument("--annotations", type=Path, required=True, metavar="FILE", help="labels in COCO's format")
    parser.add_argument("--images", type=Path, required=True, metavar="DIR", help="the folder of their pictures")
    parser.add_argument("--estimator", default=DEFAULT_ESTIMATOR, metavar="NAME", help="model family (%(default)s)")
    parser.add_argument("--detector", metavar="NAME", help="person detector (default: the estimator's own choice)")
    parser.add_argument("--option", action="append", default=[], metavar="K=V", help="an option of the estimator")
    parser.add_argument(
        "--min-score",
        type=float,
        default=0.1,
        metavar="S",
        help="people below do not count, 0 to 1 (%(default)s: precision is measured over all scores)",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="the first N pictures only")
    parser.add_argument("--json", action="store_true", help="for machines")
    add_threads(parser)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from sidecar.evaluation.annotations import EvaluationError, read_annotations
    from sidecar.evaluation.scoring import score
    from sidecar.video.options import VideoOptions

    if not 0 <= arguments.min_score <= 1:
        raise EvaluationError(f"--min-score must be from 0 to 1, got {arguments.min_score}")
    if arguments.limit is not None and arguments.limit < 1:
        raise EvaluationError(f"--limit must be at least 1, got {arguments.limit}")
    options = dict(_pair(text) for text in arguments.option)
    if arguments.detector is not None:
        options[DETECTOR_OPTION] = arguments.detector
    annotations = read_annotations(arguments.annotations)
    chosen = sorted(annotations.files)[: arguments.limit]
    absent = [file for image in chosen if not (arguments.images / (file := annotations.files[image])).is_file()]
    if absent:
        raise EvaluationError(
            f"{len(absent)} of {len(chosen)} pictures are not in {arguments.images}, such as {absent[0]}"
        )
    estimator = open_estimator(
        VideoOptions(estimator=arguments.estimator, estimator_options=options, threads=arguments.threads),
        warn=lambda code, message, hint: print(f"pose-sidecar eval: {message}", file=sys.stderr),
    )
    try:
        people, took_s = _estimate(estimator, annotations, chosen, arguments.images, arguments.min_score)
        scores = score(annotations, people, estimator.info.skeleton)
        _print(scores, estimator, len(chosen), took_s, as_json=arguments.json)
    finally:
        estimator.close()
    return EXIT_OK


def _estimate(
    estimator: Estimator, annotations: Annotations, images: Sequence[int], folder: Path, min_score: float
) -> tuple[dict[int, list[Person]], float]:
    """The people of each image, and the seconds that the estimator took."""
    from sidecar.media.image import decode

    people: dict[int, list[Person]] = {}
    took_s, reported_s = 0.0, time.monotonic()
    for number, image in enumerate(images, 1):
        pixels = decode((folder / annotations.files[image]).read_bytes(), max_pixels=MAX_PIXELS)
        start_s = time.monotonic()
        (people[image],) = estimator.estimate([pixels], min_score=min_score)
        took_s += time.monotonic() - start_s
        if time.monotonic() - reported_s > REPORT_INTERVAL_S:
            reported_s = time.monotonic()
            print(f"  {number} of {len(images)} pictures", file=sys.stderr, flush=True)
    return people, took_s


def _print(scores: Scores, estimator: Estimator, pictures: int, took_s: float, *, as_json: bool) -> None:
    info = estimator.info
    if as_json:
        facts = {
            "estimator": info.name,
            "detector": info.detector,
            "models": {model.name: model.sha256 for model in info.models},
            "device": info.device,
            "pictures": pictures,
            "labelled": scores.labelled,
            "answered": scores.answered,
            "found": scores.found,
            "mean_oks": scores.mean_oks,
            "coco": dict(scores.coco),
            "ms_per_picture": took_s / pictures * 1000,
        }
        print(json.dumps(facts, indent=2))
        return
    by = f"{info.name}{f' with {info.detector}' if info.detector else ''} on {info.device}"
    print(f"{by}: {pictures} pictures, {took_s / pictures * 1000:.0f} ms each")
    print("  ".join(f"{name} {'-' if value is None else f'{value:.3f}'}" for name, value in scores.coco.items()))
    print(
        f"mean OKS {scores.mean_oks:.3f} over {scores.labelled} labelled people; {scores.found} met at 0.5 or more; "
        f"{scores.answered} answered"
    )


def _pair(text: str) -> tuple[str, str]:
    from sidecar.evaluation.annotations import EvaluationError

    name, equals, value = text.partition("=")
    if not (name and equals):
        raise EvaluationError(f"--option must be NAME=VALUE, got {text!r}")
    return name, value


def _complain(message: str, code: int) -> int:
    print(f"pose-sidecar eval: {message}", file=sys.stderr)
    return code
