"""Builders of encoded pictures, made byte by byte where the codec at hand cannot write what a test needs."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def make_corners(width: int = 48, height: int = 32) -> Pixels:
    """RGB picture of four flat quarters: red, green over blue, white. Blocks of 8x8 px stay flat."""
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = GREEN
    image[height // 2 :, : width // 2] = BLUE
    image[height // 2 :, width // 2 :] = WHITE
    return image


def make_noise(width: int = 40, height: int = 24, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def jpeg(image: Pixels, *parameters: int) -> bytes:
    return _encode(".jpg", image, cv2.IMWRITE_JPEG_QUALITY, 95, *parameters)


def png(image: Pixels) -> bytes:
    return _encode(".png", image)


def webp(image: Pixels, *, lossless: bool = True) -> bytes:
    return _encode(".webp", image, cv2.IMWRITE_WEBP_QUALITY, 101 if lossless else 90)


def _encode(suffix: str, image: Pixels, *parameters: int) -> bytes:
    ok, encoded = cv2.imencode(suffix, image[..., ::-1], parameters)
    assert ok
    return encoded.tobytes()


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of_rows(
    rows: list[bytes],
    *,
    width: int,
    bits: int,
    colour_type: int,
    extra: bytes = b"",
    claim: tuple[int, int] | None = None,
) -> bytes:
    """A PNG from packed rows; `claim` writes another size into the header than the rows have."""
    stated_width, stated_height = claim or (width, len(rows))
    header = struct.pack(">IIBBBBB", stated_width, stated_height, bits, colour_type, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def exif(orientation: int, *, big_endian: bool = False) -> bytes:
    """A TIFF block with one tag, Orientation."""
    order = ">" if big_endian else "<"
    start = b"MM\0*" if big_endian else b"II*\0"
    return start + struct.pack(f"{order}IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def with_exif(encoded: bytes, orientation: int, *, big_endian: bool = False) -> bytes:
    """The same picture with an EXIF orientation, in the place its format has for it."""
    block = exif(orientation, big_endian=big_endian)
    if encoded[:2] == b"\xff\xd8":
        return encoded[:2] + jpeg_segment(0xE1, b"Exif\0\0" + block) + encoded[2:]
    if encoded[:4] == b"RIFF":
        packed = int.from_bytes(encoded[21:25], "little")
        size = (packed & 0x3FFF).to_bytes(3, "little") + (packed >> 14 & 0x3FFF).to_bytes(3, "little")
        extended = riff_chunk(b"VP8X", b"\x08\0\0\0" + size)
        return riff(extended + encoded[12:] + riff_chunk(b"EXIF", block))
    return encoded[:33] + png_chunk(b"eXIf", block) + encoded[33:]


def riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def riff_chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def jpeg_segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def jpeg_of_blocks(blocks: list[tuple[int, ...]], *, adobe_transform: int | None = None) -> bytes:
    """A baseline JPEG, one flat 8x8 block after the other in a row, each with its value per component.

    DC coefficients only (ITU-T T.81 F.1.2.1): category in 4 bits, then the difference; no AC, one bit "end of block".
    """
    components = len(blocks[0])
    frame = struct.pack(">BHHB", 8, 8, 8 * len(blocks), components)
    frame += b"".join(bytes((index + 1, 0x11, 0)) for index in range(components))
    scan = bytes((components,)) + b"".join(bytes((index + 1, 0)) for index in range(components)) + bytes((0, 63, 0))
    segments = (
        b"" if adobe_transform is None else jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes((adobe_transform,)))
    )
    segments += jpeg_segment(0xDB, b"\0" + b"\1" * 64)
    segments += jpeg_segment(0xC0, frame)
    segments += jpeg_segment(0xC4, b"\0" + bytes((0, 0, 0, 12, *[0] * 12)) + bytes(range(12)))
    segments += jpeg_segment(0xC4, b"\x10" + bytes((1, *[0] * 15)) + b"\0")
    return b"\xff\xd8" + segments + jpeg_segment(0xDA, scan) + _flat_pixels(blocks) + b"\xff\xd9"


def _flat_pixels(blocks: list[tuple[int, ...]]) -> bytes:
    bits, before = "", [0] * len(blocks[0])
    for block in blocks:
        for index, value in enumerate(block):
            level = 8 * (value - 128)
            difference, before[index] = level - before[index], level
            category = abs(difference).bit_length()
            bits += f"{category:04b}"
            if category:
                bits += f"{difference if difference > 0 else difference + (1 << category) - 1:0{category}b}"
            bits += "0"
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
