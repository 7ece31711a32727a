"""Body models out of seeds, and files as Python 2, chumpy and scipy wrote them."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

SMPL_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)

Fields = dict[str, Any]


def make_fields(
    *, vertices: int = 60, parents: tuple[int, ...] = SMPL_PARENTS, faces: int = 30, seed: int = 1
) -> Fields:
    """Arrays of a model, float64 as in the files, under their names there."""
    chance = np.random.default_rng(seed)
    joints = len(parents)
    regressor = chance.random((joints, vertices)) * (chance.random((joints, vertices)) < 10 / vertices)
    regressor[:, 0] += 1e-3
    weights = chance.random((vertices, joints)) ** 8
    kintree = np.array([[parent % (1 << 32) for parent in parents], range(joints)], np.uint32)
    return {
        "v_template": chance.normal(size=(vertices, 3)),
        "shapedirs": chance.normal(size=(vertices, 3, 10)) * 0.03,
        "posedirs": chance.normal(size=(vertices, 3, 9 * (joints - 1))) * 0.01,
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "kintree_table": kintree,
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "f": chance.integers(vertices, size=(faces, 3)).astype(np.uint32),
    }


def rotations(*shape: int, seed: int = 2) -> NDArray[np.float64]:
    from scipy.spatial.transform import Rotation

    count = int(np.prod(shape))
    return np.asarray(Rotation.random(count, random_state=seed).as_matrix()).reshape(*shape, 3, 3)


class Ch:
    """Stands for chumpy.ch.Ch: an array among the bookkeeping of an optimiser."""

    def __init__(self, x: Any) -> None:
        self.x = x
        self._dirty_vars: set[str] = set()
        self._itr = None
        self._depends_on_deps = {}  # type: ignore[var-annotated]


class Select:
    """Stands for chumpy.reordering.Select."""

    def __init__(self, a: Any, idxs: NDArray[np.int64], preferred_shape: Any) -> None:
        self.a = a
        self.idxs = idxs
        self.preferred_shape = preferred_shape
        self._dr_cached = sparse.csc_matrix(np.eye(2))


class MatVecMult:
    """Stands for an expression that nobody reads."""

    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)


_PLACES: dict[type, str] = {Ch: "chumpy.ch", Select: "chumpy.reordering", MatVecMult: "chumpy.ch_ops"}
for _kind, _module in _PLACES.items():
    _kind.__module__ = _module

_PythonPickler: Any = vars(pickle)["_Pickler"]


class _Python2(_PythonPickler):  # type: ignore[misc]
    """Text and bytes go as the one string of Python 2."""

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if type(obj) in (bytes, str) and (type(obj) is bytes or obj.isascii()):
            data = obj if type(obj) is bytes else obj.encode("ascii")
            known = self.memo.get(id(obj))
            if known is not None:
                self.write(self.get(known[0]))
                return
            if not self.bin:
                self.write(b"S" + repr(data)[1:].encode("ascii") + b"\n")
            elif len(data) < 256:
                self.write(b"U" + bytes([len(data)]) + data)
            else:
                self.write(b"T" + struct.pack("<i", len(data)) + data)
            self.memoize(obj)
            return
        super().save(obj, save_persistent_id)


@contextmanager
def _named_modules() -> Iterator[None]:
    names = ("chumpy", *_PLACES.values())
    before = {name: sys.modules.get(name) for name in names}
    for name in names:
        sys.modules[name] = types.ModuleType(name)
    for kind, module in _PLACES.items():
        setattr(sys.modules[module], kind.__name__, kind)
    try:
        yield
    finally:
        for name, module_before in before.items():
            if module_before is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module_before


def python2_bytes(value: object, *, protocol: int = 2) -> bytes:
    """What Python 2's pickle.dumps writes, with the names numpy and scipy had then."""
    out = io.BytesIO()
    with _named_modules():
        _Python2(out, protocol=protocol).dump(value)
    data = out.getvalue()
    for new, old in ((b"numpy._core.", b"numpy.core."), (b"scipy.sparse._csc", b"scipy.sparse.csc")):
        data = data.replace(new, old)
    return data


def write_smpl(path: Path, fields: Fields, *, protocol: int = 2) -> Path:
    """The official form: chumpy's shapes, a sparse regressor, and an expression beside them."""
    content = {
        **fields,
        "shapedirs": Ch(fields["shapedirs"]),
        "J_regressor": sparse.csc_matrix(fields["J_regressor"]),
        "J": MatVecMult(mtx=sparse.csc_matrix(np.eye(2)), vec=Ch(np.ones(2))),
        "bs_type": "lrotmin",
        "bs_style": "lbs",
    }
    path.write_bytes(python2_bytes(content, protocol=protocol))
    return path
