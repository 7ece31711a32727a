"""What an encoded image says of itself, read from its first bytes without decoding a pixel.

Sources: ITU-T T.81 annex B (JPEG), the PNG specification 5.2 and 11.2, RFC 9649 (WebP).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

EncodedFormat = Literal["jpeg", "png", "webp"]

MAX_JPEG_MARKERS = 4096  # before the pixels; a photo with every kind of metadata has some hundreds
MAX_JPEG_SCANS = 200  # a progressive photo has about ten; each one costs a pass over all pixels

_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM, RST0-7
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0-15 without DHT, JPG, DAC
_JPEG_START_OF_SCAN, _JPEG_END = 0xDA, 0xD9
_PNG_END = b"IEND\xaeB`\x82"  # the last chunk's name and checksum
_GARBAGE_WINDOW = 4096

# Formats people send by mistake, so that the message can name them: offset, bytes, name.
_STRANGERS = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"%PDF", "a PDF"),
    (0, b"<svg", "an SVG"),
    (0, b"<?xml", "an XML"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (4, b"ftypheic", "a HEIC"),
    (4, b"ftypmif1", "a HEIF"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftyp", "a video (MP4)"),
    (0, b"\x1a\x45\xdf\xa3", "a video (Matroska or WebM)"),
)


class ImageError(ValueError):
    """The bytes are not an image that can be used. The message names what was found and the next step."""

    code = "DECODE_FAILED"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Format and stored size, px, before any EXIF rotation."""

    format: EncodedFormat
    width: int
    height: int


def sniff(data: bytes | memoryview) -> EncodedFormat:
    """Tell the format from the first bytes.

    Raises:
        ImageError: not JPEG, PNG or WebP; names the format where it is a well-known other one.
    """
    head = bytes(data[:16])
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if not head:
        raise ImageError("the image is empty (0 bytes); send the bytes of a JPEG, PNG or WebP file")
    stranger = next((name for at, magic, name in _STRANGERS if head.startswith(magic, at)), None)
    finding = f"are {stranger} file" if stranger else f"begin with {head.hex(' ')}, which is no known image"
    raise ImageError(
        f"the {len(data)} bytes {finding}; "
        "send JPEG, PNG or WebP, or name a raw format (rgb24, bgr24, gray8) with its width and height"
    )


def read_header(data: bytes | memoryview) -> ImageHeader:
    """Read format and size, and check that the file is not cut off.

    Raises:
        ImageError: unknown format, damaged header, or a file that ends before its last byte is due.
    """
    view = memoryview(data).cast("B")
    kind = sniff(view)
    try:
        width, height = _READERS[kind](view)
    except IndexError:
        raise truncated(kind, view, "inside its header") from None
    if width < 1 or height < 1:
        raise ImageError(f"the {kind} header gives {width}x{height} px; encode the image again")
    return ImageHeader(kind, width, height)


def truncated(kind: str, view: memoryview, where: str) -> ImageError:
    """The error for a file that stops early: half an image would give poses of half a person."""
    return ImageError(f"the {kind} data is cut off: its {len(view)} bytes end {where}; send the whole file")


def _read_jpeg(view: memoryview) -> tuple[int, int]:
    at, size = 2, None
    for _ in range(MAX_JPEG_MARKERS):
        at, marker = _next_marker(view, at)
        if marker == _JPEG_END:
            raise ImageError("the jpeg data has no pixels before its end marker; encode the image again")
        if marker in _JPEG_WITHOUT_LENGTH or marker == 0:
            continue
        if marker == _JPEG_START_OF_SCAN:
            break
        length = _big(view, at, 2)
        if marker in _JPEG_FRAMES:
            if size is not None:
                raise ImageError("the jpeg header gives its size twice; encode the image again")
            size = _big(view, at + 5, 2), _big(view, at + 3, 2)
        at += length
    else:
        raise ImageError(f"the jpeg header has more than {MAX_JPEG_MARKERS} markers; encode the image again")
    if size is None:
        raise ImageError("the jpeg header gives no size before its pixels; encode the image again")
    _check_jpeg_scans(view, at)
    return size


def _next_marker(view: memoryview, at: int) -> tuple[int, int]:
    """Skip to the next marker as libjpeg does, over stray bytes and fill; returns where its content begins."""
    while view[at] != 0xFF:
        window = bytes(view[at : at + _GARBAGE_WINDOW])
        skipped = window.find(b"\xff")
        at += len(window) if skipped < 0 else skipped
    while view[at] == 0xFF:
        at += 1
    return at + 1, view[at]


def _check_jpeg_scans(view: memoryview, first_scan_at: int) -> None:
    """Refuse a missing end marker and absurd numbers of scans. Inside pixels 0xFF is always followed by 0 or RST."""
    pixels = np.frombuffer(view[first_scan_at:], np.uint8)
    codes = pixels[np.flatnonzero(pixels[:-1] == 0xFF) + 1]
    if not np.any(codes == _JPEG_END):
        raise truncated("jpeg", view, "before its end marker")
    scans = 1 + int(np.count_nonzero(codes == _JPEG_START_OF_SCAN))
    if scans > MAX_JPEG_SCANS:
        raise ImageError(f"the jpeg data has {scans} scans, over the limit of {MAX_JPEG_SCANS}; encode the image again")


def _read_png(view: memoryview) -> tuple[int, int]:
    if bytes(view[12:16]) != b"IHDR":
        raise ImageError("the png data does not begin with its IHDR chunk; encode the image again")
    size = _big(view, 16, 4), _big(view, 20, 4)
    if bytes(view[-8:]) != _PNG_END and bytes(view).rfind(_PNG_END) < 0:
        raise truncated("png", view, "before its IEND chunk")
    return size


def _read_webp(view: memoryview) -> tuple[int, int]:
    announced = _little(view, 4, 4) + 8
    if announced > len(view):
        raise truncated("webp", view, f"before the announced {announced}")
    chunk = bytes(view[12:16])
    if chunk == b"VP8X":
        return _little(view, 24, 3) + 1, _little(view, 27, 3) + 1
    if chunk == b"VP8L":
        packed = _little(view, 21, 4)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return _little(view, 26, 2) & 0x3FFF, _little(view, 28, 2) & 0x3FFF
    raise ImageError(f"the webp data begins with an unknown chunk {chunk!r}; encode the image again")


def _big(view: memoryview, at: int, count: int) -> int:
    view[at + count - 1]  # IndexError past the end, where a slice would be silently short
    return int.from_bytes(view[at : at + count], "big")


def _little(view: memoryview, at: int, count: int) -> int:
    view[at + count - 1]
    return int.from_bytes(view[at : at + count], "little")


_READERS = {"jpeg": _read_jpeg, "png": _read_png, "webp": _read_webp}
