"""Arrays out of the objects that SMPL's authors pickled: chumpy's, scipy's sparse matrices, and plain ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.restricted_pickle.arrays import shown
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.foreign import Foreign
from sidecar.restricted_pickle.limits import MAX_DIMENSIONS, MAX_ELEMENTS

_MAX_DEPTH = 4  # of chumpy objects in each other
_CHUMPY = {("chumpy.ch", "Ch"), ("chumpy", "Ch")}
_SELECT = ("chumpy.reordering", "Select")
_SPARSE_MODULES = ("scipy.sparse.csc", "scipy.sparse._csc", "scipy.sparse.csr", "scipy.sparse._csr")
_COLUMNS, _ROWS = ("csc_matrix", "csc_array"), ("csr_matrix", "csr_array")

Array = NDArray[Any]


def as_array(value: object, depth: int = 0) -> Array:
    """The numbers that an object of the file stands for.

    Raises:
        PickleRefused: it is of a class that is not read, or its state is not what that class has.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return value
    if not isinstance(value, Foreign) or depth > _MAX_DEPTH:
        raise PickleRefused("not_allowed", f"it must be an array of numbers, got {shown(value)}")
    path, state = value.made_by.path, value.state if isinstance(value.state, dict) else {}
    if path in _CHUMPY:
        return as_array(state.get("x"), depth + 1)
    if path == _SELECT:
        return _selected(state, depth)
    if path[0] in _SPARSE_MODULES and path[1] in _COLUMNS:
        return _dense(state, by_column=True)
    if path[0] in _SPARSE_MODULES and path[1] in _ROWS:
        return _dense(state, by_column=False)
    raise PickleRefused("not_allowed", f"objects of {'.'.join(path)[:80]} are not read")


def _selected(state: dict[object, object], depth: int) -> Array:
    """Chosen elements of another array, in a shape of their own. Source: chumpy, reordering.py."""
    source, indices = as_array(state.get("a"), depth + 1).ravel(), as_array(state.get("idxs"), depth + 1)
    if indices.dtype.kind not in "iu" or not _within(indices, len(source)):
        raise PickleRefused("damaged", "a selection points beyond its array")
    chosen = source[indices.astype(np.int64)]
    shape = state.get("preferred_shape", chosen.shape)
    sides = shape.tolist() if isinstance(shape, np.ndarray) and shape.ndim == 1 else shape
    if not isinstance(sides, (tuple, list)) or len(sides) > MAX_DIMENSIONS:
        raise PickleRefused("damaged", f"a selection has the shape {shown(shape)}")
    whole = all(type(side) is int and side >= 0 for side in sides)
    if not whole or np.prod(sides, dtype=object) != chosen.size:
        raise PickleRefused("damaged", f"a selection of {chosen.size} has another shape")
    return chosen.reshape(sides)


def _dense(state: dict[object, object], *, by_column: bool) -> Array:
    """A compressed sparse matrix as a full one, entries for one place added up."""
    shape = state.get("_shape", state.get("shape"))
    good = isinstance(shape, tuple) and len(shape) == 2 and all(type(side) is int and side >= 0 for side in shape)
    if not good or not isinstance(shape, tuple) or shape[0] * shape[1] > MAX_ELEMENTS:
        raise PickleRefused("damaged", f"a sparse matrix of at most {MAX_ELEMENTS} elements needs two sides")
    data, inner, starts = (as_array(state.get(name), _MAX_DEPTH) for name in ("data", "indices", "indptr"))
    major, minor = (shape[1], shape[0]) if by_column else shape
    starts = starts.astype(np.int64) if starts.dtype.kind in "iu" else np.zeros(0, np.int64)
    if not (
        data.ndim == inner.ndim == starts.ndim == 1
        and len(data) == len(inner)
        and inner.dtype.kind in "iu"
        and len(starts) == major + 1
        and _within(inner, minor)
        and _within(starts, len(data) + 1)
        and starts[0] == 0
        and starts[-1] == len(data)
        and (starts[1:] >= starts[:-1]).all()
    ):
        raise PickleRefused("damaged", "the parts of a sparse matrix do not fit each other")
    dense = np.zeros((major, minor), np.float64)
    outer = np.repeat(np.arange(major), starts[1:] - starts[:-1])
    np.add.at(dense, (outer, inner.astype(np.int64)), data)
    return dense.T if by_column else dense


def _within(indices: Array, limit: int) -> bool:
    return indices.size == 0 or (int(indices.min()) >= 0 and int(indices.max()) < limit)
