"""Torch files put together by hand, without torch: an index of opcodes and raw storages in a zip."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.restricted_pickle.attacks import opcodes as op

FLOATS = 6  # of the storage that `tensor` refers to


def storage(*, kind: bytes | None = None, key: str = "0", count: int = FLOATS) -> bytes:
    fields = (
        op.text("storage"), op.name("torch", "FloatStorage") if kind is None else kind, op.text(key), op.text("cpu"),
        op.number(count),
    )  # fmt: skip
    return b"(" + b"".join(fields) + b"tQ"


def numbers(*values: int) -> bytes:
    return b"(" + b"".join(map(op.number, values)) + b"t"


def tensor(
    *, of: bytes | None = None, offset: int = 0, shape: bytes = numbers(2, 3), stride: bytes = numbers(3, 1)
) -> bytes:
    hooks = op.call(op.name("collections", "OrderedDict"))
    return op.call(
        op.name("torch._utils", "_rebuild_tensor_v2"),
        storage() if of is None else of, op.number(offset), shape, stride, b"\x89", hooks,
    )  # fmt: skip


def mapping(entries: Mapping[str, bytes]) -> bytes:
    return b"}(" + b"".join(op.text(key) + value for key, value in entries.items()) + b"u"


def write_torch(
    path: Path, index: bytes, *, members: Mapping[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED
) -> Path:
    """A file whose data.pkl is `index`, with one storage of FLOATS float32 unless `members` says otherwise."""
    contents = {"data/0": bytes(FLOATS * 4)} if members is None else members
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", index)
        for name, data in contents.items():
            archive.writestr(f"archive/{name}", data)
    return path
