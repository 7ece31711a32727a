"""Reading a joblib file."""

from __future__ import annotations

from pathlib import Path

from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.extent import check_extent
from sidecar.restricted_pickle.inflate import Inflated
from sidecar.restricted_pickle.limits import MAX_FILE_BYTES
from sidecar.restricted_pickle.machine import Machine


def read_joblib(path: Path) -> object:
    """The value in a file that `joblib.dump` wrote: dicts, lists, tuples, texts, numbers and arrays of them.

    Whatever compressor joblib used is found by the first bytes (none, zlib, gzip, bz2, xz, lzma). Nothing in the file
    is run, and its demands are bounded by the constants in `limits`.

    Raises:
        PickleRefused: the file cannot be read, or holds anything else.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size > MAX_FILE_BYTES:
                raise PickleRefused("too_large", f"the file has {size} bytes, over the limit of {MAX_FILE_BYTES}")
            file.seek(0)
            source = Inflated(file)
            value = Machine(source).run()
            source.require_end()
        check_extent(value)
    except OSError as error:
        raise PickleRefused("unreadable", f"{path} cannot be read: {error.strerror or error}") from error
    except PickleRefused as error:
        raise PickleRefused(error.reason, f"{path}: {error}") from error
    return value
