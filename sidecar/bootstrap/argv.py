"""The command line, read by hand: argparse alone would cost more than all else that comes before HELLO."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from sidecar import __version__

SUBCOMMANDS = ("video", "where", "report", "export", "import-tracks", "models", "doctor", "sample", "replay", "eval")
WIRES = ("jsonl", "frames")
LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("json", "text")
DEFAULT_ESTIMATOR = "blazepose"
DETECTOR_OPTION = "detector"  # --detector NAME is short for --option detector=NAME

HELP = """\
usage: python -m sidecar [flags]              answer requests on stdin with results on stdout
       python -m sidecar COMMAND [--help]     {commands}

  --wire jsonl|frames      how messages are encoded (default jsonl)
  --estimator NAME         model family (default {estimator})
  --detector NAME          person detector of the estimator (default: the estimator's own choice)
  --option K=V             an option of the estimator; may be repeated
  --threads N              inference threads (default: usable cores)
  --check                  one real inference before READY
  --init                   jsonl: wait for an init line before loading
  --log-level LEVEL        {levels}
  --log-format json|text   how lines on stderr look (default json)
  --record FILE            flight recorder: append every message to FILE
  --models-dir DIR         look for model files here first
  --version                print the version
  --help                   print this

By hand:  echo '{{"type":"frame","id":1,"path":"rider.jpg"}}' | python -m sidecar
Readiness: python -m sidecar --check </dev/null
""".format(commands=", ".join(SUBCOMMANDS), estimator=DEFAULT_ESTIMATOR, levels=", ".join(LOG_LEVELS))


class UsageError(Exception):
    """The command line is wrong; the message says how."""


class Answer(NamedTuple):
    """Print this and exit with code 0: --help and --version."""

    text: str


class ServeFlags(NamedTuple):
    """The daemon's command line, complete: None means that nobody chose."""

    wire: str = "jsonl"
    estimator: str = DEFAULT_ESTIMATOR
    options: Mapping[str, Any] = MappingProxyType({})
    threads: Optional[int] = None
    check: bool = False
    init: bool = False
    log_level: Optional[str] = None
    log_format: str = "json"
    record: Optional[str] = None
    models_dir: Optional[str] = None


def parse_serve(arguments: List[str]) -> "ServeFlags | Answer":
    """Read the daemon's flags; `--flag value` and `--flag=value` are the same.

    Raises:
        UsageError: a flag is unknown, or its value is missing or wrong.
    """
    chosen: Dict[str, Any] = {}
    options: Dict[str, Any] = {}
    rest = list(arguments)
    while rest:
        flag, has_value, value = rest.pop(0).partition("=")
        if flag in ("--help", "-h"):
            return Answer(HELP)
        if flag == "--version":
            return Answer("pose-sidecar " + __version__ + "\n")
        if flag in ("--check", "--init"):
            if has_value:
                raise UsageError("{} takes no value, got {!r}".format(flag, value))
            chosen[flag[2:]] = True
            continue
        if flag not in _VALUED:
            raise UsageError(_unknown(flag))
        if not has_value:
            if not rest:
                raise UsageError(flag + " needs a value")
            value = rest.pop(0)
        if flag == "--option":
            name, equals, text = value.partition("=")
            if not (name and equals):
                raise UsageError("--option needs NAME=VALUE, got {!r}".format(value))
            options[name] = text
        elif flag == "--detector":
            options[DETECTOR_OPTION] = value
        else:
            chosen[flag[2:].replace("-", "_")] = _VALUED[flag](flag, value)
    if chosen.get("init") and chosen.get("wire") == "frames":
        raise UsageError("--init is for jsonl: with --wire frames the daemon always waits for INIT")
    return ServeFlags(options=options, **chosen)


def _word(*allowed: str) -> Any:
    def read(flag: str, value: str) -> str:
        if value not in allowed:
            raise UsageError("{} must be one of {}, got {!r}".format(flag, ", ".join(allowed), value))
        return value

    return read


def _text(flag: str, value: str) -> str:
    if not value:
        raise UsageError(flag + " needs a value, got ''")
    return value


def _path(flag: str, value: str) -> str:
    return os.path.abspath(os.path.expanduser(_text(flag, value)))


def _count(flag: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= 4 and int(value) >= 1):
        raise UsageError("{} must be a whole number from 1 to 9999, got {!r}".format(flag, value))
    return int(value)


def _level(flag: str, value: str) -> str:
    return str(_word(*LOG_LEVELS)(flag, value.upper()))


_VALUED = {
    "--wire": _word(*WIRES),
    "--estimator": _text,
    "--detector": _text,
    "--option": _text,
    "--threads": _count,
    "--log-level": _level,
    "--log-format": _word(*LOG_FORMATS),
    "--record": _path,
    "--models-dir": _path,
}


def _unknown(argument: str) -> str:
    if argument.startswith("-"):
        return "unknown flag {!r}; known: {}".format(argument, ", ".join([*_VALUED, "--check", "--init"]))
    return "unknown command {!r}; known: {}".format(argument, ", ".join(SUBCOMMANDS))
