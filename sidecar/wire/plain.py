"""The data model of a message: what JSON and msgpack can both say, and nothing else (SPEC, "Values")."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

MAX_INTEGER = 2**53 - 1  # the largest a JavaScript number holds exactly
FORBIDDEN_KEY = "__proto__"  # an ordinary key in Python, a trapdoor in JavaScript
_MAX_INTEGER_DIGITS = len(f"-{MAX_INTEGER}")


class NotPlain(ValueError):
    """A value outside the data model. The message names the value."""


def check_plain(value: object, *, depth: int) -> None:
    """Refuse whatever the other language could not read back identically.

    Raises:
        NotPlain: wrong type, NaN or infinity, integer beyond 2**53 - 1, lone surrogate, forbidden key, or nesting
            deeper than `depth`.
    """
    kind = type(value)
    if kind is str:
        _check_text(value)  # type: ignore[arg-type]
    elif kind is dict:
        if depth == 0:
            _refuse_depth()
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str:
                raise NotPlain(f"map keys must be strings, got {key!r}")
            if key == FORBIDDEN_KEY:
                raise NotPlain(f"the key {FORBIDDEN_KEY!r} is not allowed")
            _check_text(key)
            check_plain(item, depth=depth - 1)
    elif kind is list or kind is tuple:
        if depth == 0:
            _refuse_depth()
        for item in value:  # type: ignore[attr-defined]
            check_plain(item, depth=depth - 1)
    elif kind is int:
        check_integer(value)  # type: ignore[arg-type]
    elif kind is float:
        if not math.isfinite(value):  # type: ignore[arg-type]
            raise NotPlain(f"numbers must be finite, got {value}")
    elif value is not None and kind is not bool:
        raise NotPlain(f"values must be null, boolean, number, string, array or map, got {kind.__name__}")


def check_integer(value: int) -> None:
    """Raise NotPlain beyond what a JavaScript number holds exactly."""
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise NotPlain(f"integers must be within 2**53 - 1, got {value if value.bit_length() <= 64 else 'more'}")


def unique_pairs(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Build a map, refusing a key that comes twice; a hook for the decoders."""
    pairs = list(pairs)
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        raise NotPlain(f"key {next(key for key in keys if keys.count(key) > 1)!r} comes twice")
    return result


def parse_json(data: bytes | bytearray | memoryview, *, depth: int) -> dict[str, Any]:
    """Read one JSON object of the data model from UTF-8 bytes.

    Raises:
        NotPlain: not UTF-8, not JSON, not an object, or a value outside the data model.
    """
    try:
        value = _DECODER.decode(str(data, "utf-8"))  # not json.loads(bytes): that one lets encoded surrogates through
    except UnicodeDecodeError as error:
        raise NotPlain(f"not UTF-8: byte 0x{error.object[error.start]:02x} at offset {error.start}") from None
    except json.JSONDecodeError as error:
        raise NotPlain(f"not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise NotPlain(f"nesting is deeper than {depth}") from None
    if type(value) is not dict:
        raise NotPlain(f"a message must be an object, got {type(value).__name__}")
    check_plain(value, depth=depth)
    return value


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise NotPlain(f"strings must be Unicode text, got a lone surrogate at offset {error.start}") from None


def _refuse_depth() -> NoReturn:
    raise NotPlain("nesting is deeper than allowed")


def _parse_integer(digits: str) -> int:
    if len(digits) > _MAX_INTEGER_DIGITS:  # also keeps int() away from megabytes of digits
        raise NotPlain(f"integers must be within 2**53 - 1, got {digits[:24]}...")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise NotPlain(f"numbers must be finite, got {name}")


_DECODER = json.JSONDecoder(object_pairs_hook=unique_pairs, parse_int=_parse_integer, parse_constant=_refuse_constant)
