"""Fields of a frame, checked: lists of one length, arrays of one shape, finite numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.phalp.errors import TracksError

MAX_PEOPLE = 10_000  # in one frame
MAX_WHOLE = 1 << 53
MAX_PIXEL = 1 << 24  # coordinates beyond are no pictures of people

Rows = NDArray[np.float64]


class Fields:
    """One frame of the file."""

    def __init__(self, number: int, values: object) -> None:
        if not isinstance(values, dict):
            raise TracksError(f"frame {number} must be a dict, got {type(values).__name__}")
        self.number = number
        self._values: Mapping[object, Any] = values

    def has(self, name: str) -> bool:
        """Is the field there?"""
        return self._values.get(name) is not None

    def column(self, name: str, count: int | None = None) -> list[Any]:
        """A field with one value per person.

        Args:
            name: of the field.
            count: how many people there are; None takes any number up to MAX_PEOPLE.
        """
        value = self._values.get(name)
        if isinstance(value, np.ndarray) and value.ndim:
            value = list(value)
        if not isinstance(value, (list, tuple)):
            raise self.wrong(name, f"must be a list, got {type(value).__name__}")
        if len(value) > MAX_PEOPLE or (count is not None and len(value) != count):
            raise self.wrong(name, f"must have {MAX_PEOPLE if count is None else count} values, got {len(value)}")
        return list(value)

    def inner(self, name: str) -> Fields:
        """A field that holds fields."""
        return Fields(self.number, self._values.get(name))

    def array(self, name: str, value: object, size: int) -> Rows:
        """Finite numbers, (size,), whatever shape they had."""
        if not isinstance(value, (np.ndarray, list, tuple)):
            raise self.wrong(name, f"must hold {size} numbers, got {type(value).__name__}")
        try:
            numbers = np.asarray(value)
        except ValueError:
            raise self.wrong(name, f"must hold {size} numbers") from None
        if numbers.dtype.kind not in "iuf" or numbers.size != size:
            raise self.wrong(name, f"must hold {size} numbers, got {numbers.size} of {numbers.dtype}")
        flat = numbers.astype(np.float64).ravel()
        wild = ~(np.abs(flat) <= MAX_PIXEL)
        if wild.any():
            raise self.wrong(name, f"must be finite and at most {MAX_PIXEL}, got {flat[wild][0]}")
        return flat

    def whole(self, name: str, value: object) -> int:
        """A whole number."""
        number = _plain(value)
        if not isinstance(number, int) or isinstance(number, bool) or abs(number) > MAX_WHOLE:
            raise self.wrong(name, f"must be a whole number, got {number!r}")
        return number

    def share(self, name: str, value: object) -> float:
        """A number from 0 to 1."""
        number = _plain(value)
        if not isinstance(number, (int, float)) or isinstance(number, bool) or not 0 <= number <= 1:
            raise self.wrong(name, f"must be a number from 0 to 1, got {number!r}")
        return float(number)

    def wrong(self, name: str, what: str) -> TracksError:
        """The error for a field."""
        return TracksError(f"frame {self.number}: {name} {what}")


def _plain(value: object) -> object:
    """A number of numpy's as one of Python's."""
    alone = isinstance(value, (np.generic, np.ndarray)) and value.size == 1
    return value.item() if alone else value  # type: ignore[attr-defined]
