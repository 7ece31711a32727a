"""What came out of a file, walked through once before anybody else does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import MAX_DEPTH, MAX_EXPANDED

_LEAVES = (str, bytes, int, float, bool, type(None), np.ndarray, np.generic)


def check_extent(root: object) -> None:
    """Refuse values that lie too deep, as all that hold themselves do, or are shared so often that a walk is endless.

    Raises:
        PickleRefused: so it is, or something in it is unfinished.
    """
    count = 0
    path: list[Iterator[object]] = [iter((root,))]
    while path:
        for value in path[-1]:
            count += 1
            if isinstance(value, (dict, list, tuple)):
                path.append(iter(_children(value)))
                break
            if not isinstance(value, _LEAVES):
                raise PickleRefused("damaged", f"a {type(value).__name__} was left unfinished")
        else:
            path.pop()
        if len(path) > MAX_DEPTH + 1:
            raise PickleRefused("too_large", f"values lie deeper than {MAX_DEPTH} in each other, or in themselves")
        if count > MAX_EXPANDED:
            raise PickleRefused("too_large", f"values are shared so often that they stand for more than {MAX_EXPANDED}")


def _children(value: dict[object, object] | list[object] | tuple[object, ...]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value
