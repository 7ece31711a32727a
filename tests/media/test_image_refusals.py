"""What is not a picture, is cut off, or would not fit: refused with the reason, and cheaply."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.media.image import ImageError, decode, sniff
from sidecar.media.image_header import MAX_JPEG_MARKERS, MAX_JPEG_SCANS, ImageHeader, read_header
from tests.media import pictures
from tests.media.pictures import make_corners, make_noise

SAMPLES = {
    "jpeg": pictures.jpeg(make_noise()),
    "progressive jpeg": pictures.jpeg(make_noise(), cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "jpeg with a thumbnail's end marker in its EXIF": pictures.jpeg(make_noise())[:2]
    + pictures.jpeg_segment(0xE1, b"Exif\0\0" + pictures.jpeg(make_noise(8, 8)))
    + pictures.jpeg(make_noise())[2:],
    "png": pictures.png(make_noise()),
    "lossy webp": pictures.webp(make_noise(), lossless=False),
    "lossless webp": pictures.webp(make_noise()),
    "extended webp": pictures.with_exif(pictures.webp(make_noise()), 1),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_header_tells_format_and_size(name: str) -> None:
    header = read_header(SAMPLES[name])
    assert header == ImageHeader(sniff(SAMPLES[name]), 40, 24)
    assert header.format in name


@pytest.mark.parametrize("name", SAMPLES)
def test_a_picture_cut_anywhere_is_refused(name: str) -> None:
    data = SAMPLES[name]
    for length in range(len(data)):
        with pytest.raises(ImageError) as caught:
            decode(data[:length])
        if length > 40:
            assert "cut off" in str(caught.value), length


def test_bytes_after_the_picture_are_ignored() -> None:
    for name, data in SAMPLES.items():
        assert decode(data + b"\0trailing bytes" * 9).shape == (24, 40, 3), name


STRANGERS = {
    "nothing": (b"", r"the image is empty \(0 bytes\)"),
    "text": (b"hello, world", "the 12 bytes begin with 68 65 6c 6c 6f 2c 20 77 6f 72 6c 64, which is no known image"),
    "gif": (b"GIF89a" + bytes(20), "the 26 bytes are a GIF file; send JPEG, PNG or WebP"),
    "heic": (b"\0\0\0\x18ftypheic", "are a HEIC file"),
    "mp4": (b"\0\0\0\x18ftypisom", r"are a video \(MP4\) file"),
    "wav in the same container as webp": (b"RIFF\x24\0\0\0WAVEfmt ", "no known image"),
}


@pytest.mark.parametrize(("data", "message"), STRANGERS.values(), ids=STRANGERS)
def test_strangers_are_named(data: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        decode(data)


def patched(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def bomb_jpeg(width: int, height: int) -> bytes:
    data = pictures.jpeg(make_corners())
    return patched(data, data.index(b"\xff\xc0") + 5, struct.pack(">HH", height, width))


def bomb_png(width: int, height: int) -> bytes:
    return pictures.png_of_rows([b"\0"] * 8, width=1, bits=8, colour_type=0, claim=(width, height))


BOMBS = {
    "jpeg": (bomb_jpeg(65535, 65535), "65535x65535"),
    "png": (bomb_png(100_000, 100_000), "100000x100000"),
    "png, largest size": (bomb_png(2**31 - 1, 2**31 - 1), "2147483647x2147483647"),
    "png that would really unpack": (
        pictures.png_of_rows([bytes(1250)] * 10_000, width=10_000, bits=1, colour_type=0), "10000x10000"),
    "lossy webp": (patched(SAMPLES["lossy webp"], 26, struct.pack("<HH", 16383, 16383)), "16383x16383"),
    "lossless webp": (patched(SAMPLES["lossless webp"], 21, struct.pack("<I", 0x0FFFFFFF)), "16384x16384"),
    "extended webp": (patched(SAMPLES["extended webp"], 24, b"\xff" * 6), "16777216x16777216"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "size"), BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_before_decoding(data: bytes, size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "imdecode")
    tracemalloc.start()
    try:
        with pytest.raises(
            ImageError, match=rf"the image has {size} px \([\d.]+ Mpx\), over the limit of 64 Mpx; send a"
        ):
            decode(data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_limit_itself_is_allowed() -> None:
    data = SAMPLES["png"]
    assert decode(data, max_pixels=40 * 24).shape == (24, 40, 3)
    with pytest.raises(ImageError, match="over the limit"):
        decode(data, max_pixels=40 * 24 - 1)


def test_a_second_size_in_a_jpeg_is_refused() -> None:
    data = pictures.jpeg(make_corners())
    at = data.index(b"\xff\xc0")
    frame = data[at : at + 19]
    with pytest.raises(ImageError, match="gives its size twice"):
        decode(data[:at] + frame + data[at:])


def test_a_second_png_header_is_refused() -> None:
    data = pictures.png(make_corners())
    huge = pictures.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    with pytest.raises(ImageError, match="damaged"):
        decode(data[:33] + huge + data[33:])


def test_a_webp_frame_larger_than_its_canvas_is_refused() -> None:
    with pytest.raises(ImageError):
        decode(patched(SAMPLES["extended webp"], 24, b"\x01\0\0\x01\0\0"))


def test_sizes_of_zero_are_refused() -> None:
    with pytest.raises(ImageError, match="jpeg header gives 0x32 px"):
        decode(bomb_jpeg(0, 32))
    with pytest.raises(ImageError, match="png header gives 0x0 px"):
        decode(bomb_png(0, 0))


def test_damaged_pixels_are_refused() -> None:
    data = bytearray(SAMPLES["png"])
    at = data.index(b"IDAT") + 30
    data[at : at + 16] = bytes(16)
    with pytest.raises(ImageError, match=r"the png data is damaged: its header is readable \(40x24 px\)"):
        decode(bytes(data))


def test_endless_markers_are_refused() -> None:
    data = SAMPLES["jpeg"]
    with pytest.raises(ImageError, match=f"more than {MAX_JPEG_MARKERS} markers"):
        decode(data[:2] + b"\xff\x01" * 1_000_000 + data[2:])


def test_stray_bytes_between_markers_are_skipped_as_libjpeg_does() -> None:
    data = SAMPLES["jpeg"]
    stuffed = data[:2] + b"\xff" * 5 + data[3:20] + b"\0stray" * 5000 + data[20:]
    assert np.array_equal(decode(stuffed), decode(data))


def test_absurd_numbers_of_scans_are_refused() -> None:
    data = SAMPLES["progressive jpeg"]
    scan = data[data.rindex(b"\xff\xda") : -2]
    assert decode(data).shape == (24, 40, 3)
    with pytest.raises(ImageError, match=f"scans, over the limit of {MAX_JPEG_SCANS}"):
        decode(data[:-2] + scan * MAX_JPEG_SCANS + data[-2:])


def decode_or_refuse(data: bytes, limit: int = 10_000) -> None:
    """Either a picture within the limit or an ImageError; anything else fails the test."""
    try:
        image = decode(data, max_pixels=limit)
    except ImageError:
        return
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert image.shape[0] * image.shape[1] <= limit


STARTS = [
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\xff\0\0\0WEBP",
    b"RIFF\x10\0\0\0WEBPVP8X",
    b"\xff\xd8\xff\xc0",
]


@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=400))
def test_random_bytes_never_crash(start: bytes, rest: bytes) -> None:
    decode_or_refuse(start + rest)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_pictures_never_crash_nor_pass_the_limit(data: st.DataObject) -> None:
    picture = bytearray(SAMPLES[data.draw(st.sampled_from(sorted(SAMPLES)))])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(picture) - 1))
        how = data.draw(st.sampled_from(["set", "delete", "insert", "repeat"]))
        if how == "set":
            picture[at] = data.draw(st.integers(0, 255))
        elif how == "delete":
            del picture[at : at + data.draw(st.integers(1, 20))]
        elif how == "insert":
            picture[at:at] = data.draw(st.binary(min_size=1, max_size=8))
        else:
            picture[at:at] = picture[at : at + 30]
        if not picture:
            return
    decode_or_refuse(bytes(picture))


@given(
    length=st.integers(0, 40),
    width=st.integers(-1, 5),
    height=st.integers(-1, 5),
    raw=st.sampled_from([("rgb24", 3), ("bgr24", 3), ("gray8", 1)]),
)
def test_raw_bodies_have_exactly_their_size(length: int, width: int, height: int, raw: tuple[str, int]) -> None:
    name, channels = raw
    fits = width > 0 and height > 0 and length == width * height * channels
    if fits:
        assert decode(bytes(length), format=name, width=width, height=height).shape == (height, width, 3)
    else:
        with pytest.raises(ImageError):
            decode(bytes(length), format=name, width=width, height=height)


def test_a_compressed_text_chunk_is_not_unpacked_into_memory() -> None:
    bomb = pictures.png_chunk(b"zTXt", b"comment\0\0" + zlib.compress(bytes(50_000_000), 9))
    data = pictures.png(make_corners())
    assert np.array_equal(decode(data[:33] + bomb + data[33:]), make_corners())
