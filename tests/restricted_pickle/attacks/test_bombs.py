"""Small files that ask for much: memory, depth, time. Each is refused long before it hurts."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.restricted_pickle import extent, inflate, machine
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import MAX_DEPTH
from tests.restricted_pickle.attacks import opcodes as op
from tests.restricted_pickle.attacks.test_code import read

HUGE = struct.pack("<Q", 1 << 62)
FOUR_GIB = b"\xff\xff\xff\xff"

LENGTHS = {
    "a frame": b"\x95" + HUGE,
    "a text": b"\x8d" + HUGE,
    "a text of 4 GiB": b"X" + FOUR_GIB,
    "bytes": b"\x8e" + HUGE,
    "bytes of 4 GiB": b"B" + FOUR_GIB,
    "a name without an end": b"c" + b"a" * 10_000,
}


@pytest.mark.parametrize("body", LENGTHS.values(), ids=LENGTHS)
def test_an_announced_length_allocates_nothing(tmp_path: Path, body: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(PickleRefused) as caught:
            read(tmp_path, op.PROTOCOL_4 + body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.reason == "too_large"
    assert peak < 1 << 20


def test_a_memo_index_of_four_billion_costs_one_entry(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        assert (
            read(tmp_path, op.pickle(b"N", *(b"r" + struct.pack("<I", (1 << 32) - 1 - n) for n in range(100)))) is None
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("recall", [b"h\x05", b"j\x00\x00\x00\x80"])
def test_what_was_never_remembered_cannot_be_recalled(tmp_path: Path, recall: bytes) -> None:
    with pytest.raises(PickleRefused, match="recalls value"):
        read(tmp_path, op.pickle(recall))


def laughs(levels: int, width: int = 10) -> bytes:
    """Lists of one list ten times each: ten to the power of `levels` values in a few hundred bytes."""
    body = b"]q\x00"
    for level in range(levels):
        body += b"](" + (b"h" + bytes([level])) * width + b"e" + b"q" + bytes([level + 1])
    return op.pickle(b"(" + body + b"t")


def test_a_billion_laughs_are_not_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "MAX_EXPANDED", 1 << 20)
    assert isinstance(read(tmp_path, laughs(5)), tuple)
    with pytest.raises(PickleRefused, match="shared so often"):
        read(tmp_path, laughs(12))


DEEP = {
    "lists": b"]" * 200_000 + b"a" * 199_999,
    "tuples": b")" + b"\x85" * 200_000,
    "marks": b"(" * 200_000,
    "dicts": (b"}" + op.text("a")) * 40_000 + b"N" + b"s" * 40_000,
    "just one too deep": b"]" * (MAX_DEPTH + 1) + b"a" * MAX_DEPTH,
}


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
def test_depth_is_bounded(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(PickleRefused, match=f"deeper than {MAX_DEPTH}"):
        read(tmp_path, op.pickle(body))


def test_the_deepest_value_allowed_is_read(tmp_path: Path) -> None:
    read(tmp_path, op.pickle(b"]" * MAX_DEPTH + b"a" * (MAX_DEPTH - 1)))


LOOPS = {
    "a list in itself": b"]q\x00h\x00a",
    "a dict in itself": b"}q\x00" + op.text("a") + b"h\x00s",
    "a list in its tuple": b"]q\x00h\x00\x85a",
}


@pytest.mark.parametrize("body", LOOPS.values(), ids=LOOPS)
def test_a_value_cannot_hold_itself(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(PickleRefused, match="or in themselves"):
        read(tmp_path, op.pickle(body))


KEYS = {
    "a deep tuple": b")" + b"\x85" * 200_000,  # its hash would recurse through the C stack
    "a list": b"]",
    "a dict": b"}",
    "an array": op.wrapper(shape=b"K\x01\x85", data=b"\0\0\0\0"),
    "a class": op.name("numpy", "ndarray"),
    "nothing": b"N",
    "integers that collide": b"\x8a\x09" + (61 * (2**61 - 1)).to_bytes(9, "little"),
    "a long tuple": b"(" + b"K\x01" * 5 + b"t",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("several", [False, True])
def test_keys_are_texts_and_small_numbers(tmp_path: Path, key: bytes, several: bool) -> None:
    with pytest.raises(PickleRefused, match="a key"):
        read(tmp_path, op.pickle(b"}(" + key + b"Nu" if several else b"}" + key + b"Ns"))


@pytest.mark.parametrize("made", [b"]", b"}", b"N\x85", op.text("ab"), b"C\x02ab"])
def test_objects_are_counted(tmp_path: Path, made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MAX_OBJECTS", 1000)
    with pytest.raises(PickleRefused, match="more than 1000 lists"):
        read(tmp_path, op.pickle(made * 1001))


def test_opcodes_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MAX_OPCODES", 1000)
    with pytest.raises(PickleRefused, match="more than 1000 opcodes"):
        read(tmp_path, op.pickle(b"N" * 1001))


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "zlib": zlib.compress, "gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
}  # fmt: skip


@pytest.mark.parametrize("compress", COMPRESS.values(), ids=COMPRESS)
def test_a_decompression_bomb_is_stopped_at_the_limit(
    tmp_path: Path, compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 1 << 20
    monkeypatch.setattr(inflate.Inflated.__init__, "__kwdefaults__", {"limit": limit})
    bomb = compress(op.PROTOCOL_2 + b"B" + struct.pack("<I", 32 << 20) + bytes(32 << 20))
    assert len(bomb) < 64 << 10
    tracemalloc.start()
    try:
        with pytest.raises(PickleRefused, match=f"over the limit of {limit} bytes"):
            read(tmp_path, bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * limit  # xz keeps a dictionary of 8 MiB


def test_lzma_headers_cannot_order_memory(tmp_path: Path) -> None:
    header = b"\x5d" + struct.pack("<I", 0xFFFFFFFF) + b"\xff" * 8  # a dictionary of 4 GiB
    with pytest.raises(PickleRefused) as caught:
        read(tmp_path, b"\x5d\x00\x00\xf0\xff" + header[5:] + bytes(64))
    assert caught.value.reason == "damaged"


STRUCTURE = {
    "nothing on the stack": b"a", "no mark": b"Nt", "no list": b"Na", "no list to extend": b"N(e",
    "no dict": b"]NNs", "a key alone": b"}(Nu", "two values at the end": b"NN", "a mark at the end": b"N(",
    "nothing at the end": b"", "a text that is none": b"X\x02\x00\x00\x00\xff\xff", "memo of nothing": b"q\x00",
    "protocol 0": b"\x80\x00N", "protocol 9": b"\x80\x09N", "a frame in a frame": b"\x95" + struct.pack("<Q", 99) * 1
    + b"\x95" + struct.pack("<Q", 9), "an opcode over a frame's end": b"\x95" + struct.pack("<Q", 2) + b"J\0\0\0\0",
    "a name over a frame's end": b"\x95" + struct.pack("<Q", 4) + b"cnumpy\ndtype\n",
}  # fmt: skip


@pytest.mark.parametrize("body", STRUCTURE.values(), ids=STRUCTURE)
def test_a_broken_structure_is_told(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(PickleRefused):
        read(tmp_path, op.pickle(body))


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"\x89HDF", b"{}", b"\x04\x22\x4d\x18abc", b"\x78\x9c" + b"\xff" * 99]
)
def test_other_files_are_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PickleRefused, match=r"hostile\.pkl"):
        read(tmp_path, data)


def test_nothing_may_follow(tmp_path: Path) -> None:
    with pytest.raises(PickleRefused, match="bytes after the end"):
        read(tmp_path, op.pickle(b"N") + op.pickle(b"N"))
