"""The bytes of a file, decompressed as they are asked for and never beyond the limits."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import BinaryIO, Protocol

from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import LZMA_MEMORY_BYTES, MAX_INFLATED_BYTES, MAX_PIECE_BYTES

_CHUNK_BYTES = 1 << 16
_GZIP_WINDOW = 31

_LZ4 = b"\x04\x22\x4d\x18"


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    def feed(self, data: bytes) -> None: ...
    def take(self) -> bytes: ...


class _Plain:
    """Bytes as they are."""

    eof = False

    def __init__(self) -> None:
        self._data = b""

    def feed(self, data: bytes) -> None:
        self._data = data

    def take(self) -> bytes:
        data, self._data = self._data, b""
        return data


class _Zlib:
    """zlib and gzip."""

    def __init__(self, window: int) -> None:
        self._machine = zlib.decompressobj(window)
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._machine.eof

    def feed(self, data: bytes) -> None:
        self._waiting = data

    def take(self) -> bytes:
        data = self._machine.decompress(self._waiting, _CHUNK_BYTES)
        self._waiting = self._machine.unconsumed_tail
        return data


class _Blocks:
    """bz2, xz and lzma, which keep what they were fed."""

    def __init__(self, machine: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._machine = machine
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._machine.eof

    def feed(self, data: bytes) -> None:
        self._waiting = data

    def take(self) -> bytes:
        waiting, self._waiting = self._waiting, b""
        return b"" if self._machine.eof else self._machine.decompress(waiting, _CHUNK_BYTES)


class Inflated:
    """The decompressed bytes of an open file, from first to last."""

    def __init__(self, file: BinaryIO, *, limit: int = MAX_INFLATED_BYTES) -> None:
        self._file = file
        self._limit = limit
        self._buffer = bytearray()
        self._at = 0
        self._given = 0
        head = file.read(_CHUNK_BYTES)
        self._inflater = _inflater_for(head)
        self._inflater.feed(head)

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes.

        Raises:
            PickleRefused: there are fewer, the limits are exceeded, or the compressed data is damaged.
        """
        if count > MAX_PIECE_BYTES:
            raise PickleRefused("too_large", f"a piece of {count} bytes is over the limit of {MAX_PIECE_BYTES}")
        while len(self._buffer) - self._at < count:
            if not self._more():
                raise PickleRefused("truncated", f"the file ends {self._given} bytes into its content")
        piece = bytes(self._buffer[self._at : self._at + count])
        self._at += count
        if self._at >= _CHUNK_BYTES:
            del self._buffer[: self._at]
            self._at = 0
        return piece

    def read_line(self, limit: int) -> bytes:
        """Bytes up to a newline, without it."""
        searched = self._at
        while (end := self._buffer.find(b"\n", searched, self._at + limit + 1)) < 0:
            if len(self._buffer) - self._at > limit:
                raise PickleRefused("too_large", f"a line is longer than {limit} bytes")
            searched = len(self._buffer)
            if not self._more():
                raise PickleRefused("truncated", f"the file ends {self._given} bytes into its content")
        return self.read(end - self._at + 1)[:-1]

    @property
    def position(self) -> int:
        """How many bytes were taken."""
        return self._given - (len(self._buffer) - self._at)

    def require_end(self) -> None:
        """Refuse what follows; for compressed files this verifies the checksum at their end."""
        if len(self._buffer) > self._at or self._more():
            raise PickleRefused("not_allowed", "there are bytes after the end of the pickle")
        if not self._inflater.eof and not isinstance(self._inflater, _Plain):
            raise PickleRefused("truncated", "the compressed data has no end")

    def _more(self) -> bool:
        while True:
            try:
                data = self._inflater.take()
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
                raise PickleRefused("damaged", f"the compressed data is damaged: {error}") from error
            if data:
                self._given += len(data)
                if self._given > self._limit:
                    raise PickleRefused("too_large", f"the content is over the limit of {self._limit} bytes")
                self._buffer += data
                return True
            if self._inflater.eof:
                return False
            chunk = self._file.read(_CHUNK_BYTES)
            if not chunk:
                return False
            self._inflater.feed(chunk)


def _inflater_for(head: bytes) -> _Inflater:
    """By the first bytes, as joblib tells its compressors apart."""
    if head[:1] == b"\x78":
        return _Zlib(zlib.MAX_WBITS)
    if head[:2] == b"\x1f\x8b":
        return _Zlib(_GZIP_WINDOW)
    if head[:3] == b"BZh":
        return _Blocks(bz2.BZ2Decompressor())
    if head[:6] == b"\xfd7zXZ\x00":
        return _Blocks(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LZMA_MEMORY_BYTES))
    if head[:2] == b"\x5d\x00":
        return _Blocks(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=LZMA_MEMORY_BYTES))
    if head[:4] == _LZ4:
        raise PickleRefused("not_allowed", "lz4 is not read; decompress the file first")
    return _Plain()
