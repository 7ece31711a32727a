"""What came out of a file, weighed before anybody walks through it."""

from __future__ import annotations

import numpy as np

from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import MAX_DEPTH, MAX_EXPANDED

_LEAVES = (str, bytes, int, float, bool, type(None), np.ndarray, np.generic)


def check_extent(root: object) -> None:
    """Refuse values that hold themselves, lie too deep, or are shared so often that a walk would not end.

    Raises:
        PickleRefused: so it is, or something in it is unfinished.
    """
    weights: dict[int, tuple[int, int]] = {}  # of finished containers: depth and values
    open_ones: set[int] = set()
    stack: list[tuple[object, bool]] = [(root, False)]
    while stack:
        value, seen = stack.pop()
        key = id(value)
        if not isinstance(value, (dict, list, tuple)):
            if not isinstance(value, _LEAVES):
                raise PickleRefused("damaged", f"a {type(value).__name__} was left unfinished")
            continue
        children = value.values() if isinstance(value, dict) else value
        if seen:
            open_ones.discard(key)
            weights[key] = _weigh(list(children), weights)
        elif key in open_ones:
            raise PickleRefused("not_allowed", "a value holds itself")
        elif key not in weights:
            open_ones.add(key)
            if len(open_ones) > MAX_DEPTH:
                raise PickleRefused("too_large", f"values lie deeper than {MAX_DEPTH} in each other")
            stack.append((value, True))
            stack.extend((child, False) for child in children)


def _weigh(children: list[object], weights: dict[int, tuple[int, int]]) -> tuple[int, int]:
    depth, count = 0, 1
    for child in children:
        below = weights[id(child)] if isinstance(child, (dict, list, tuple)) else (0, 1)
        depth, count = max(depth, below[0]), count + below[1]
    if depth + 1 > MAX_DEPTH:
        raise PickleRefused("too_large", f"values lie deeper than {MAX_DEPTH} in each other")
    if count > MAX_EXPANDED:
        raise PickleRefused("too_large", f"values are shared so often that they stand for more than {MAX_EXPANDED}")
    return depth + 1, count
