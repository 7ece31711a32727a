"""Reading an estimator's options: typed values from INIT, strings from the command line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sidecar.estimators.protocol import OptionError


def reject_unknown(options: Mapping[str, Any], *, known: Collection[str]) -> None:
    """Raise OptionError for the first option that is not among the known ones."""
    for name in options:
        if name not in known:
            raise OptionError(f"unknown option {name!r}; known: {', '.join(sorted(known)) or 'none'}")


def read_choice(options: Mapping[str, Any], name: str, *, choices: Collection[str], default: str) -> str:
    """One of a few words.

    Raises:
        OptionError: the value is none of them.
    """
    value = options.get(name, default)
    if not isinstance(value, str) or value not in choices:
        raise OptionError(f"option {name} must be one of {', '.join(choices)}, got {value!r}")
    return value


def read_int(options: Mapping[str, Any], name: str, *, low: int, high: int, default: int) -> int:
    """A whole number in [low, high]; decimal text counts as one.

    Raises:
        OptionError: it is not a whole number, or out of range.
    """
    value = options.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= len(str(high)):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise OptionError(f"option {name} must be a whole number from {low} to {high}, got {value!r}")
    return value
