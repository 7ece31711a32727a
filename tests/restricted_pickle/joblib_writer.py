"""Files as joblib writes them, made without joblib: its wrapper class under its name, raw elements behind it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import sys
import types
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ALIGNMENT_BYTES = 16
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "zlib": lambda data: zlib.compress(data, 3),
    "gzip": lambda data: gzip.compress(data, 3),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
}


class NumpyArrayWrapper:
    """Stands for an array; the file finds it as joblib.numpy_pickle.NumpyArrayWrapper."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        self.subclass = np.ndarray
        self.shape = array.shape
        self.order = "F" if fortran else "C"
        self.dtype = array.dtype
        self.allow_mmap = not array.dtype.hasobject
        self.numpy_array_alignment_bytes = ALIGNMENT_BYTES


NumpyArrayWrapper.__module__ = "joblib.numpy_pickle"
NumpyArrayWrapper.__qualname__ = "NumpyArrayWrapper"


_PythonPickler: Any = vars(pickle)["_Pickler"]  # the one in C cannot be extended


class _Pickler(_PythonPickler):  # type: ignore[misc]
    """Arrays go as joblib writes them."""

    def __init__(self, file: io.BytesIO, protocol: int) -> None:
        super().__init__(file, protocol=protocol)
        self._out = file

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if type(obj) is not np.ndarray:
            super().save(obj, save_persistent_id)
            return
        super().save(NumpyArrayWrapper(obj))
        if self.proto >= 4:
            self.framer.commit_frame(force=True)
        if obj.dtype.hasobject:
            pickle.dump(obj, self._out, protocol=2)
            return
        padding = ALIGNMENT_BYTES - (self._out.tell() + 1) % ALIGNMENT_BYTES
        self._out.write(bytes([padding]) + b"\xff" * padding)
        self._out.write(obj.tobytes("F" if obj.flags.f_contiguous and not obj.flags.c_contiguous else "C"))


@contextmanager
def _named_module() -> Iterator[None]:
    """The pickler looks the class up under its name before it writes it."""
    modules = {name: types.ModuleType(name) for name in ("joblib", "joblib.numpy_pickle")}
    modules["joblib.numpy_pickle"].NumpyArrayWrapper = NumpyArrayWrapper  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def joblib_bytes(value: object, *, protocol: int = 4, compressor: str = "none") -> bytes:
    """What `joblib.dump(value, compress=...)` writes."""
    out = io.BytesIO()
    with _named_module():
        _Pickler(out, protocol).dump(value)
    return COMPRESSORS[compressor](out.getvalue())


def write_joblib(path: Path, value: object, *, protocol: int = 4, compressor: str = "zlib") -> Path:
    path.write_bytes(joblib_bytes(value, protocol=protocol, compressor=compressor))
    return path
