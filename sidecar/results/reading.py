"""Opening a result directory: its header at once, its frames one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from sidecar.results.errors import ResultError
from sidecar.results.frame import BadFrame, ResultFrame, read_frame
from sidecar.results.header import ResultHeader, read_header

POSES, SUMMARY = "poses.jsonl", "summary.json"
MAX_LINE_BYTES = 64 * 1024 * 1024  # 10 000 people fill half of it
MAX_SUMMARY_BYTES = 4 * 1024 * 1024

_REMAKE = "make the result again with `python -m sidecar video --force`"


@dataclass(frozen=True, slots=True)
class Result:
    """An open result.

    Attributes:
        summary: the content of summary.json; None where it is absent.
    """

    directory: Path
    header: ResultHeader
    summary: Mapping[str, Any] | None

    def frames(self) -> Iterator[ResultFrame]:
        """Yield the frames in order, with one line in memory. Every call starts at the first.

        Raises:
            ResultError: a line is truncated or damaged, or a frame is missing; file and line are named.
        """
        keypoints = len(self.header.skeleton.keypoints)
        path = self.directory / POSES
        for number, line in enumerate(_lines(path), start=1):
            if number == 1:
                continue
            where = f"{path}, line {number}"
            try:
                frame = read_frame(_parse(line, where), keypoints)
            except BadFrame as error:
                raise ResultError("damaged", f"{where}: {error}", _REMAKE) from error
            if frame.index != number - 2:
                message = f"{where}: frame must be {number - 2}, got {frame.index}"
                raise ResultError("damaged", message, _REMAKE)
            yield frame

    @property
    def name(self) -> str:
        """The source's file name as the run saw it; the directory's name where nobody wrote it down."""
        source = (self.summary or {}).get("source")
        name = source.get("name") if isinstance(source, dict) else None
        return name if isinstance(name, str) and name else self.directory.name


def open_result(directory: Path) -> Result:
    """Read the header of a result directory, and its summary where there is one.

    Raises:
        ResultError: it is no result directory, or one of a newer schema.
    """
    path = directory / POSES
    if not directory.is_dir():
        what = "is a file, not a folder" if directory.exists() else "does not exist"
        raise ResultError("missing", f"{directory} {what}", "pass the folder whose path `video` printed")
    if not path.is_file():
        inside = sorted(found.parent.name for found in directory.glob(f"*/{POSES}"))
        hint = f"pass one of its folders, such as {inside[0]}" if inside else "pass the folder that `video` printed"
        raise ResultError("missing", f"{directory} holds no {POSES}", hint)
    first = next(_lines(path), None)
    if first is None:
        raise ResultError("truncated", f"{path} is empty", _REMAKE)
    where = f"{path}, line 1"
    return Result(directory, read_header(_parse(first, where), where), _summary(directory / SUMMARY))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    message = f"{path}, line {number} is longer than {MAX_LINE_BYTES} bytes"
                    raise ResultError("damaged", message, "pass a folder that `video` made")
                if not line.endswith(b"\n"):
                    message = f"{path} is truncated: line {number} has no end"
                    raise ResultError("truncated", message, _REMAKE)
                yield line
    except OSError as error:
        hint = "check the permissions of the file and the folders above it"
        raise ResultError("unreadable", f"{path} cannot be read: {error.strerror}", hint) from error


def _parse(line: bytes, where: str) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ResultError("damaged", f"{where} is not JSON: {error.msg}", _REMAKE) from error


def _summary(path: Path) -> dict[str, Any] | None:
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > MAX_SUMMARY_BYTES:
            raise ResultError("foreign", f"{path} is longer than {MAX_SUMMARY_BYTES} bytes", _REMAKE)
        value = _parse(path.read_bytes(), str(path))
    except OSError as error:
        hint = "check the permissions of the file and the folders above it"
        raise ResultError("unreadable", f"{path} cannot be read: {error.strerror}", hint) from error
    if not isinstance(value, dict):
        raise ResultError("foreign", f"{path} must hold an object, got {type(value).__name__}", _REMAKE)
    return value
