"""The daemon's command line: flags, their defaults, and what is wrong with a wrong one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sidecar.bootstrap import argv
from sidecar.bootstrap.argv import Answer, ServeFlags, UsageError, parse_serve


def test_the_defaults_are_these() -> None:
    flags = parse_serve([])
    assert flags == ServeFlags(
        wire="jsonl",
        estimator="blazepose",
        options={},
        threads=None,
        check=False,
        init=False,
        log_level=None,
        log_format="json",
        record=None,
        models_dir=None,
    )


def test_every_flag_is_read_in_both_spellings() -> None:
    words = [
        *("--wire", "frames", "--estimator=null", "--detector", "none", "--option", "a=b=c", "--option=d="),
        *("--threads", "3", "--check", "--log-level=debug", "--log-format", "text"),
        *("--record", "/r", "--models-dir=/m"),
    ]
    flags = parse_serve(words)
    assert isinstance(flags, ServeFlags)
    assert flags.wire == "frames"
    assert flags.estimator == "null"
    assert flags.options == {"detector": "none", "a": "b=c", "d": ""}
    assert (flags.threads, flags.check, flags.log_level, flags.log_format) == (3, True, "DEBUG", "text")
    assert (flags.record, flags.models_dir) == (os.path.abspath("/r"), os.path.abspath("/m"))  # noqa: PTH100


def test_paths_are_made_absolute() -> None:
    """The daemon may be asked for a recording from any directory; replay runs in another one."""
    flags = parse_serve(["--record", "flight.rec"])
    assert isinstance(flags, ServeFlags)
    assert flags.record == str(Path.cwd() / "flight.rec")


def test_the_last_of_equal_flags_counts() -> None:
    flags = parse_serve(["--threads", "1", "--threads", "2", "--option", "a=1", "--option", "a=2"])
    assert isinstance(flags, ServeFlags)
    assert (flags.threads, flags.options) == (2, {"a": "2"})


WRONG = {
    "an unknown flag": (["--frob"], "unknown flag '--frob'"),
    "an unknown word": (
        ["frob"],
        "unknown command 'frob'; known: video, where, report, export, import-tracks, models, doctor, sample, replay",
    ),
    "a value that is missing": (["--wire"], "--wire needs a value"),
    "an empty value": (["--estimator="], "--estimator needs a value"),
    "a word not on the list": (["--wire=pigeon"], "--wire must be one of jsonl, frames, got 'pigeon'"),
    "a level not on the list": (["--log-level", "loud"], "got 'LOUD'"),
    "a value where none goes": (["--check=yes"], "--check takes no value, got 'yes'"),
    "an option without a value": (["--option", "a"], "--option needs NAME=VALUE, got 'a'"),
    "an option without a name": (["--option", "=a"], "--option needs NAME=VALUE, got '=a'"),
    "threads in words": (["--threads", "two"], "whole number from 1 to 9999, got 'two'"),
    "no threads": (["--threads", "0"], "got '0'"),
    "negative threads": (["--threads", "-1"], "got '-1'"),
    "threads in other digits": (["--threads", "²"], "got '²'"),
    "threads beyond reason": (["--threads", "9" * 5000], "whole number"),
    "init on frames": (["--init", "--wire", "frames"], "--init is for jsonl"),
}


@pytest.mark.parametrize(("words", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_line_is_named(words: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_serve(words)
    assert message in str(caught.value)


def test_help_names_every_flag_and_command() -> None:
    answer = parse_serve(["--help"])
    assert isinstance(answer, Answer)
    for name in (*argv._VALUED, "--check", "--init", "--version", *argv.SUBCOMMANDS):
        assert name in answer.text


def test_version_is_one_line() -> None:
    answer = parse_serve(["--version"])
    assert isinstance(answer, Answer)
    assert answer.text.startswith("pose-sidecar ")
    assert answer.text.count("\n") == 1
