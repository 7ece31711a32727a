"""One member of a tar archive, without unpacking the others."""

from __future__ import annotations

import shutil
import tarfile
import zlib
from pathlib import Path

from sidecar.weights.transfer import SourceError

MAX_MEMBERS = 10_000


def extract(archive: Path, member: str, to: Path) -> None:
    """Write one regular member to a new file.

    Raises:
        SourceError: it is no sound archive, or has no such file.
    """
    try:
        with tarfile.open(archive) as opened:
            for number, entry in enumerate(opened):
                if number >= MAX_MEMBERS:
                    raise SourceError(f"has more than {MAX_MEMBERS} members")
                if entry.name.removeprefix("./") != member:
                    continue
                content = opened.extractfile(entry) if entry.isreg() else None
                if content is None:
                    raise SourceError(f"{member} in it is no regular file")
                with content, to.open("xb") as file:
                    shutil.copyfileobj(content, file)
                return
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise SourceError(f"is not a sound archive ({error})") from error
    raise SourceError(f"does not hold {member}")
