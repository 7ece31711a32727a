"""Where formats with one file per frame go: a folder, or one zip archive of that folder."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from sidecar.results.landing import landing_file, landing_folder

ARCHIVE_SUFFIX = ".zip"

_MODE = stat.S_IFREG | 0o644
_LEVEL = 6

AddFile = Callable[[str, bytes], None]


@contextmanager
def frame_files(path: Path, *, folder_name: str, may_replace: Callable[[str], bool]) -> Iterator[AddFile]:
    """Takes files by name and content; they appear at the end of the block, all or none.

    Args:
        path: an archive where it ends in `.zip`, else a folder.
        folder_name: of the folder inside the archive, so that unpacking does not strew files about.
        may_replace: see `landing_folder`.

    Raises:
        LandingError: it cannot be written, or something is there that must not be replaced.
    """
    if path.suffix.lower() != ARCHIVE_SUFFIX:
        with landing_folder(path, may_replace=may_replace) as folder:
            yield lambda name, content: _write(folder / name, content)
        return
    with landing_file(path) as file, _archive(file) as archive:
        yield lambda name, content: archive.writestr(_entry(f"{folder_name}/{name}"), content)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _archive(file: BinaryIO) -> AbstractContextManager[zipfile.ZipFile]:
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)


def _entry(name: str) -> zipfile.ZipInfo:
    """Without the time of day: the same result gives the same bytes."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _MODE << 16
    return entry
