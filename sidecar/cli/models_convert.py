"""`python -m sidecar models convert`: a published checkpoint as safetensors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sidecar.bootstrap import remedy
from sidecar.bootstrap.failure import Failure

SUMMARY = "write a ViTPose or HMR2.0 checkpoint as safetensors, without running anything in it"
SUFFIX = ".safetensors"

EXIT_OK, EXIT_FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("source", type=Path, metavar="SOURCE", help="the .pth or .ckpt file as its publisher gives it")
    parser.add_argument("target", type=_target, metavar=f"TARGET{SUFFIX}", help="the file to write")
    parser.add_argument("--sha256", metavar="HEX", help="refuse a SOURCE with another digest")
    parser.add_argument("--force", action="store_true", help="replace TARGET where it exists")


def run(arguments: argparse.Namespace) -> int:
    """Convert, and say what was written and how it is used.

    Returns:
        0 done; 1 the source was refused or the target cannot be written.
    """
    from sidecar.checkpoints.converting import convert
    from sidecar.estimators.converting import chosen

    source, target = arguments.source, arguments.target
    try:
        done = convert(source, target, choose=chosen, sha256=arguments.sha256, overwrite=arguments.force)
    except FileExistsError as error:
        advice = "" if arguments.force else "; --force replaces it"
        return _failed(f"{target} {error.strerror}{advice}")
    except OSError as error:
        return _failed(f"{target} cannot be written ({error.strerror or error})")
    except Failure as failure:
        return _failed(f"{failure.message}\n{failure.hint}")
    print(f"✓ {done.notes['model']}  {target}  ({done.tensors} tensors, {done.bytes} bytes)")
    print(f"  sha256      {done.sha256}")
    print(f"  source      {source}, sha256 {done.notes['source_sha256']}")
    print(f"  use it      {_use(done.notes['estimator'], target)}")
    return EXIT_OK


def _target(text: str) -> Path:
    if not text.endswith(SUFFIX):
        raise argparse.ArgumentTypeError(f"must end in {SUFFIX}, got {text!r}")
    return Path(text)


def _use(estimator: str, target: Path) -> str:
    if estimator == "vitpose":
        return f"--estimator vitpose --option file={remedy.quoted(str(target))}"
    return remedy.python(f"-m sidecar models add {remedy.quoted(str(target))} --as hmr2b") + ", or hmr2a"


def _failed(message: str) -> int:
    print(f"pose-sidecar models: {message}", file=sys.stderr)
    return EXIT_FAILED
