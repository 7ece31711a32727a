"""`python -m sidecar models`: which model files there are, where they lie, and how to get them."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sidecar.bootstrap import remedy
from sidecar.bootstrap.exit_codes import INTERRUPTED
from sidecar.cli import models_convert
from sidecar.cli.models_table import table
from sidecar.data import data_path
from sidecar.weights.fetch import Pulled, add, offline_by_environment, pull
from sidecar.weights.manifest import ModelEntry, UnknownModelError, load_manifest
from sidecar.weights.mirrors import mirrors_by_environment
from sidecar.weights.pins import read_pins
from sidecar.weights.places import pull_target, search_path
from sidecar.weights.store import ModelMissing, Rejected, find_in
from sidecar.weights.transfer import PullError

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2


def main(argv: Sequence[str]) -> int:
    """Run one command.

    Returns:
        The exit code: 0 done, 1 something is missing or failed, 2 wrong usage, 130 interrupted.
    """
    parser = _parser()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows code page has no tick
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has written why
        return int(stop.code or 0)
    try:
        return int(arguments.run(arguments))
    except UnknownModelError as error:
        print(f"pose-sidecar models: {error}", file=sys.stderr)
        return EXIT_USAGE
    except PullError as error:
        print(f"pose-sidecar models: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("pose-sidecar models: interrupted; nothing unfinished was kept", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar models",
        description="Model files: recognised by sha256, searched in POSE_MODELS_DIR, .models beside the project and "
        "the user's cache, in this order.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        return sub

    listing = command("list", _list, "show every known model, and whether it is on this machine")
    listing.add_argument("--json", action="store_true", help="for machines")

    pulling = command("pull", _pull, "fetch models (without NAME: those of the default estimator) and verify them")
    pulling.add_argument("names", nargs="*", metavar="NAME")
    pulling.add_argument("--offline", action="store_true", help="fetch nothing, only copy; also POSE_OFFLINE=1")
    pulling.add_argument("--pip", default=sys.executable, metavar="PYTHON", help="a Python whose pip brings wheels")

    adding = command("add", _add, "copy a file that you brought to its place, if it is a known one")
    adding.add_argument("file", type=Path, metavar="FILE")
    adding.add_argument("--as", dest="name", metavar="NAME", help="which model it is, where no digest is published")

    verifying = command("verify", _verify, "check the digests (without NAME: of the default models and all present)")
    verifying.add_argument("names", nargs="*", metavar="NAME")

    for sub in (pulling, adding):
        sub.add_argument(
            "--accept-licence", action="store_true", help="you have read and accept licences that limit use; once"
        )

    for sub in (pulling, adding, verifying):
        sub.add_argument("--dir", type=Path, metavar="DIR", help="this directory instead of the usual ones")

    finding = command("where", _where, "print the path of NAME; without NAME, the searched directories")
    finding.add_argument("name", nargs="?", metavar="NAME")

    models_convert.add_arguments(command("convert", models_convert.run, models_convert.SUMMARY))

    command("licences", _licences, "print licence and origin of every model")
    return parser


def _list(arguments: argparse.Namespace) -> int:
    models = [(model, _find(model)) for model in load_manifest().models]
    if arguments.json:
        print(json.dumps([_described(model, found) for model, found in models], indent=2))
        return EXIT_OK
    print("\n".join(table(models)))
    return EXIT_OK


def _pull(arguments: argparse.Namespace) -> int:
    from sidecar.cli.transfer_display import transfer_display

    manifest = load_manifest()
    models = [manifest.entry(name) for name in dict.fromkeys(arguments.names)] or manifest.default
    offline = arguments.offline or offline_by_environment()
    with transfer_display() as report:
        done = pull(
            models,
            _target(arguments),
            offline=offline,
            pip_python=arguments.pip,
            report=report,
            mirrors=mirrors_by_environment(),
            accept_licence=arguments.accept_licence,
        )
        for pulled in done:
            _announce(pulled)
    return EXIT_OK


def _add(arguments: argparse.Namespace) -> int:
    models, accept = load_manifest().models, arguments.accept_licence
    if arguments.name is not None:
        load_manifest().entry(arguments.name)
    _announce(add(arguments.file, _target(arguments), models, name=arguments.name, accept_licence=accept))
    return EXIT_OK


def _verify(arguments: argparse.Namespace) -> int:
    manifest = load_manifest()
    places = search_path() if arguments.dir is None else (arguments.dir,)
    wanted = [manifest.entry(name) for name in dict.fromkeys(arguments.names)]
    code = EXIT_OK
    for model in wanted or manifest.models:
        try:
            print(f"✓ {model.name}  {find_in(model, places)}")
        except ModelMissing as missing:
            if not wanted and not model.default and _nothing_there(model, missing.rejected):
                print(f"· {model.name}  not here, not needed by the default estimator")
                continue
            code = EXIT_FAILED
            print(f"✗ {model.name}  fetch it with: models {_pull_arguments(model, arguments.dir)}")
            print("".join(f"    {item.path}: {item.reason}\n" for item in missing.rejected), end="")
    return code


def _where(arguments: argparse.Namespace) -> int:
    if arguments.name is None:
        print("\n".join(str(place) for place in search_path()))
        return EXIT_OK
    try:
        print(find_in(load_manifest().entry(arguments.name), search_path()))
    except ModelMissing as missing:
        print(f"pose-sidecar models: {missing.message}\n{missing.hint}", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


def _licences(arguments: argparse.Namespace) -> int:
    for model in load_manifest().models:
        print(f"{model.name} ({model.file})")
        print(f"  licence     {model.licence}, commercial use {'allowed' if model.commercial_use else 'not allowed'}")
        print(f"  origin      {model.origin}")
        if model.licence_url:
            print(f"  read it     {model.licence_url}")
        print(f"  sha256      {model.sha256 or _unpublished(model)}")
        print(f"  card        {data_path('models', model.name + '.md')}")
    return EXIT_OK


def _target(arguments: argparse.Namespace) -> Path:
    directory = arguments.dir or pull_target()
    if directory is None:
        raise PullError("no usual directory for models can be written; choose one with --dir")
    return Path(directory).absolute()


def _announce(pulled: Pulled) -> None:
    how = {"present": "was there", "copied": f"copied from {pulled.source}", "fetched": f"from {pulled.source}"}
    checked = "sha256 verified" if pulled.model.sha256 else _pinned(pulled)
    print(f"✓ {pulled.model.name}  {pulled.path}  ({how[pulled.how]}; {checked})", flush=True)


def _pinned(pulled: Pulled) -> str:
    pin = read_pins(pulled.path.parent)[pulled.model.name]
    start = pulled.model.sha256_starts
    published = f"only {start}…, which agrees" if start else "no digest"
    return f"pinned as sha256 {pin.sha256}; its publisher gives {published}"


def _unpublished(model: ModelEntry) -> str:
    known = f"published only as {model.sha256_starts}…" if model.sha256_starts else "not published"
    return f"{known}; pinned when the file first comes"


def _find(model: ModelEntry) -> Path | None:
    try:
        return find_in(model, search_path())
    except ModelMissing:
        return None


def _pull_arguments(model: ModelEntry, directory: Path | None = None) -> str:
    """What to write after `models` to get this model."""
    name = "" if model.default else f" {model.name}"
    return f"pull{name}" + ("" if directory is None else f" --dir {remedy.quoted(str(directory))}")


def _nothing_there(model: ModelEntry, rejected: Sequence[Rejected]) -> bool:
    """Is there no file under the model's usual name? Others of its size were only looked into."""
    return all(item.problem == "absent" for item in rejected if Path(item.path).name == model.file)


def _described(model: ModelEntry, found: Path | None) -> dict[str, object]:
    return {
        "name": model.name,
        "kind": model.kind,
        "file": model.file,
        "bytes": model.bytes,
        "sha256": model.sha256,
        "default": model.default,
        "task": model.task,
        "skeleton": model.skeleton,
        "accuracy": model.accuracy,
        "licence": model.licence,
        "commercial_use": model.commercial_use,
        "path": None if found is None else str(found),
    }
