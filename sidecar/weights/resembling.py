"""Does a file begin as its kind does? For those whose digest nobody published: a page for people is no model."""

from __future__ import annotations

from pathlib import Path

_HEAD_BYTES = 16
_ARCHIVE = b"PK\x03\x04"  # what torch.save writes since 1.6
_PICKLE = b"\x80"  # since protocol 2; torch before 1.6
_OLD_PICKLES = (b"(", b"c", b"]", b"}")  # of Python 2

_STARTS: dict[str, tuple[bytes, ...]] = {
    ".pth": (_ARCHIVE, _PICKLE),
    ".ckpt": (_ARCHIVE, _PICKLE),
    ".pkl": (_PICKLE, *_OLD_PICKLES),
    ".safetensors": (),
}


def resembles(path: Path, name: str) -> bool:
    """Whether a file may be of the kind that `name` ends in; any may where the kind is not known."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    suffix = Path(name).suffix
    if suffix in (".safetensors", ".ckpt") and head[8:9] == b"{":  # HMR2.0's checkpoints may come converted
        return True
    return head.startswith(_STARTS.get(suffix, (b"",)))
