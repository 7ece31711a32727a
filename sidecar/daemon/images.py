"""The bytes of a request, wherever they are, and the pictures in them. Runs on the work thread."""

from __future__ import annotations

import binascii
import stat
from pathlib import Path

from sidecar.daemon.errors import RequestError
from sidecar.daemon.requests import ImageSource, Request
from sidecar.estimators.protocol import Image
from sidecar.media.image import ImageError, decode
from sidecar.wire.generated import codes
from sidecar.wire.limits import Limits


def read_bytes(request: Request, *, limits: Limits) -> memoryview:
    """The request's bytes: its body, its decoded text, or the file it names.

    Raises:
        RequestError: INVALID_REQUEST, DECODE_FAILED or FRAME_TOO_LARGE.
    """
    if request.path is not None:
        return memoryview(_read_file(request.path, limits.body_bytes))
    if request.body_b64 is not None:
        return memoryview(_decode_text(request.body_b64, limits.body_bytes))
    return memoryview(request.body)


def load_image(source: ImageSource, data: memoryview, *, max_pixels: int) -> Image:
    """Decode one image of the bytes, upright RGB.

    Raises:
        RequestError: INVALID_REQUEST or DECODE_FAILED.
        MemoryError: the pixels do not fit into memory.
    """
    try:
        return decode(
            _part(source, data), format=source.format, width=source.width, height=source.height, max_pixels=max_pixels
        )
    except ImageError as error:
        raise RequestError(codes.DECODE_FAILED, str(error)) from error


def _part(source: ImageSource, data: memoryview) -> memoryview:
    if source.length is None and not source.offset:
        return data
    end = len(data) if source.length is None else source.offset + source.length
    if source.offset > len(data) or end > len(data):
        raise RequestError(
            codes.INVALID_REQUEST,
            f"image at bytes {source.offset} to {end} is outside the body of {len(data)} bytes",
        )
    return data[source.offset : end]


def _read_file(path: str, max_bytes: int) -> bytes:
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):  # opening a FIFO would keep the daemon waiting for a writer
            raise RequestError(codes.DECODE_FAILED, f"{path!r} is not a regular file")
        if status.st_size > max_bytes:
            raise RequestError(
                codes.FRAME_TOO_LARGE, f"{path!r} has {status.st_size} bytes, over the limit of {max_bytes}"
            )
        with Path(path).open("rb") as file:
            return file.read(max_bytes)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        hint = None if Path(path).is_absolute() else f"relative paths start at {Path.cwd()}"
        raise RequestError(codes.DECODE_FAILED, f"cannot read {path!r}: {reason}", hint=hint) from error


def _decode_text(text: str, max_bytes: int) -> bytes:
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # binascii.Error, or text outside ASCII
        raise RequestError(codes.INVALID_REQUEST, f"body_b64 is not base64: {error}") from error
    if len(data) > max_bytes:
        raise RequestError(codes.FRAME_TOO_LARGE, f"body_b64 holds {len(data)} bytes, over the limit of {max_bytes}")
    return data
