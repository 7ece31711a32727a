"""decode(): pixels as OpenCV's imread gives them, upright, from every format the wire carries."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from sidecar.media.image import FORMATS, MAX_PIXELS, ImageError, decode
from tests.media import pictures
from tests.media.pictures import BLUE, GREEN, RED, WHITE, make_corners, make_noise
from tests.paths import FIXTURES, needs_shared

ENCODERS = {
    "jpeg": pictures.jpeg,
    "progressive jpeg": lambda image: pictures.jpeg(image, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "jpeg with restart markers": lambda image: pictures.jpeg(image, cv2.IMWRITE_JPEG_RST_INTERVAL, 1),
    "png": pictures.png,
    "lossy webp": lambda image: pictures.webp(image, lossless=False),
    "lossless webp": pictures.webp,
}


def assert_image(image: pictures.Pixels, width: int, height: int) -> None:
    assert image.shape == (height, width, 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous


def test_formats_and_limit_are_part_of_the_contract() -> None:
    assert FORMATS == ("jpeg", "png", "webp", "rgb24", "bgr24", "gray8")
    assert MAX_PIXELS == 64_000_000


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS)
def test_pixels_equal_imread(encode: object, tmp_path: Path) -> None:
    data = encode(make_noise())  # type: ignore[operator]
    path = tmp_path / "picture"
    path.write_bytes(data)
    expected = cv2.imread(str(path))
    assert expected is not None
    image = decode(data)
    assert_image(image, 40, 24)
    assert np.array_equal(image, cv2.cvtColor(expected, cv2.COLOR_BGR2RGB))


@needs_shared
def test_pixels_of_real_pictures_equal_imread() -> None:
    paths = [*sorted((FIXTURES / "images").glob("*.jpg")), *sorted((FIXTURES / "frames").glob("*.png"))[::8]]
    assert len(paths) >= 8
    for path in paths:
        expected = cv2.imread(str(path))
        assert expected is not None
        assert np.array_equal(decode(path.read_bytes()), cv2.cvtColor(expected, cv2.COLOR_BGR2RGB)), path.name


def test_opencv_without_rgb_decoding_gives_the_same_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pictures.jpeg(make_noise())
    expected = decode(data)
    monkeypatch.setattr("sidecar.media.image._DECODE_RGB", None)
    assert np.array_equal(decode(data), expected)


@pytest.mark.parametrize("carrier", [bytes, bytearray, memoryview])
def test_any_buffer_is_decoded(carrier: type) -> None:
    image = make_corners()
    assert np.array_equal(decode(carrier(pictures.png(image))), image)
    assert np.array_equal(decode(carrier(image.tobytes()), format="rgb24", width=48, height=32), image)


# Top-left and top-right quarter of the upright picture, by the orientation in the file (EXIF 2.32, table 6).
ORIENTED = {
    1: (RED, GREEN), 2: (GREEN, RED), 3: (WHITE, BLUE), 4: (BLUE, WHITE),
    5: (RED, BLUE), 6: (BLUE, RED), 7: (WHITE, GREEN), 8: (GREEN, WHITE),
    0: (RED, GREEN), 9: (RED, GREEN), 65535: (RED, GREEN),
}  # fmt: skip


@pytest.mark.parametrize("encode", [pictures.jpeg, pictures.png, pictures.webp], ids=["jpeg", "png", "webp"])
@pytest.mark.parametrize("big_endian", [False, True], ids=["II", "MM"])
@pytest.mark.parametrize("orientation", ORIENTED)
def test_exif_orientation_is_applied(encode: object, orientation: int, big_endian: bool) -> None:
    data = pictures.with_exif(encode(make_corners()), orientation, big_endian=big_endian)  # type: ignore[operator]
    image = decode(data)
    assert_image(image, *((32, 48) if 5 <= orientation <= 8 else (48, 32)))
    top_left, top_right = ORIENTED[orientation]
    assert np.abs(image[3, 3].astype(int) - top_left).max() <= 3
    assert np.abs(image[3, -4].astype(int) - top_right).max() <= 3


PALETTE = bytes((*RED, *GREEN, *BLUE, *WHITE))
PNG_KINDS = {
    "gray, 1 bit": ({"rows": [b"\x80"], "width": 2, "bits": 1, "colour_type": 0}, [WHITE, (0, 0, 0)]),
    "gray, 16 bits": ({"rows": [struct.pack(">2H", 0x80FF, 0x0100)], "width": 2, "bits": 16, "colour_type": 0},
                      [(0x80,) * 3, (1,) * 3]),
    "RGB, 16 bits": ({"rows": [struct.pack(">3H", 0xFFFF, 0x1234, 0)], "width": 1, "bits": 16, "colour_type": 2},
                     [(0xFF, 0x12, 0)]),
    "palette, 2 bits": ({"rows": [b"\x1b"], "width": 4, "bits": 2, "colour_type": 3,
                             "extra": pictures.png_chunk(b"PLTE", PALETTE)}, [RED, GREEN, BLUE, WHITE]),
    "gray and alpha": ({"rows": [b"\x40\x00\x40\xff"], "width": 2, "bits": 8, "colour_type": 4}, [(0x40,) * 3] * 2),
    "RGB and alpha": ({"rows": [bytes((*RED, 0, *BLUE, 255))], "width": 2, "bits": 8, "colour_type": 6}, [RED, BLUE]),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), PNG_KINDS.values(), ids=PNG_KINDS)
def test_every_kind_of_png_becomes_rgb(parts: dict[str, object], expected: list[tuple[int, ...]]) -> None:
    image = decode(pictures.png_of_rows(**parts))  # type: ignore[arg-type]
    assert_image(image, len(expected), 1)
    assert image[0].tolist() == [list(pixel) for pixel in expected]


JPEG_KINDS = {
    "gray": ([(64,), (200,)], None, [(64,) * 3, (200,) * 3]),
    "RGB without a transform": ([(250, 16, 32), (0, 128, 255)], 0, [(250, 16, 32), (0, 128, 255)]),
    "CMYK, inverted as Adobe writes it": ([(255, 0, 0, 255), (128, 128, 128, 255)], 0, [RED, (128,) * 3]),
    "YCCK": ([(0, 128, 128, 255), (179, 128, 128, 128)], 2, [WHITE, (38,) * 3]),
}


@pytest.mark.parametrize(("blocks", "transform", "expected"), JPEG_KINDS.values(), ids=JPEG_KINDS)
def test_every_kind_of_jpeg_becomes_rgb(
    blocks: list[tuple[int, ...]], transform: int | None, expected: list[tuple[int, ...]]
) -> None:
    image = decode(pictures.jpeg_of_blocks(blocks, adobe_transform=transform))
    assert_image(image, 16, 8)
    for index, pixel in enumerate(expected):
        assert np.abs(image[4, 4 + 8 * index].astype(int) - pixel).max() <= 2


def test_raw_formats() -> None:
    image = make_noise()
    size = {"width": 40, "height": 24}
    assert np.array_equal(decode(image.tobytes(), format="rgb24", **size), image)
    assert np.array_equal(decode(image[..., ::-1].tobytes(), format="bgr24", **size), image)
    gray = image[..., 0]
    assert np.array_equal(decode(gray.tobytes(), format="gray8", **size), np.repeat(gray[..., None], 3, axis=2))


def test_raw_rgb_is_not_copied() -> None:
    body = make_noise().tobytes()
    assert np.shares_memory(decode(body, format="rgb24", width=40, height=24), np.frombuffer(body, np.uint8))


RAW_FAULTS = {
    "no size": ({"format": "rgb24"}, "a raw rgb24 image needs its width and height in px, got None and None"),
    "no height": ({"format": "gray8", "width": 4}, "got 4 and None"),
    "zero width": ({"format": "gray8", "width": 0, "height": 4}, "got 0 and 4"),
    "negative size": ({"format": "gray8", "width": -4, "height": -4}, "got -4 and -4"),
    "too few bytes": ({"format": "bgr24", "width": 4, "height": 4}, "of 4x4 px must have 48 bytes, got 12"),
    "too many bytes": ({"format": "gray8", "width": 2, "height": 2}, "must have 4 bytes, got 12"),
    "over the limit": ({"format": "gray8", "width": 10**6, "height": 10**6}, "1000000x1000000 px"),
    "unknown format": ({"format": "yuv420p"}, "format must be one of jpeg, png, webp, rgb24, bgr24, gray8, got 'yuv"),
}


@pytest.mark.parametrize(("parameters", "message"), RAW_FAULTS.values(), ids=RAW_FAULTS)
def test_raw_faults_name_the_value(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(ImageError, match=message):
        decode(bytes(12), **parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize("declared", ["jpeg", "webp"])
def test_a_wrong_declaration_is_refused(declared: str) -> None:
    with pytest.raises(ImageError, match=f"declared as {declared} but its bytes are png; declare png"):
        decode(pictures.png(make_corners()), format=declared)


def test_a_right_declaration_is_accepted() -> None:
    assert np.array_equal(decode(pictures.png(make_corners()), format="png"), make_corners())


def test_errors_carry_the_code() -> None:
    assert ImageError.code == "DECODE_FAILED"


def test_no_memory_is_not_called_a_damaged_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        error = cv2.error("Failed to allocate")
        error.code = cv2.Error.StsNoMem
        raise error

    monkeypatch.setattr(cv2, "imdecode", refuse)
    with pytest.raises(MemoryError, match="48x32"):
        decode(pictures.png(make_corners()))
