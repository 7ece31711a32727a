"""REQUEST and FRAME messages as typed data, and the bytes and pictures they bring."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.daemon.errors import RequestError
from sidecar.daemon.images import load_image, read_bytes
from sidecar.daemon.requests import ImageSource, Request, parse_request
from sidecar.pose.region import Region
from sidecar.wire.limits import Limits
from tests.daemon.makers import make_request

SMALL = Limits(body_bytes=10)
SQUARE = {"cx": 1, "cy": 2, "size": 3}


def parse(message: dict[str, Any], body: bytes = b"") -> Request:
    return parse_request(message, body, received_s=100.0, max_batch=3)


def request(**params: Any) -> dict[str, Any]:
    return {"type": "request", "id": 1, "op": "estimate", "params": params}


def test_the_short_form_is_the_long_form() -> None:
    fields = {"path": "x.jpg", "min_score": 0.2, "regions": [SQUARE], "format": "png"}
    short = parse({"type": "frame", "id": 1, "deadline_ms": 250, **fields})
    long = parse({**request(**fields), "deadline_ms": 250})
    assert short == long
    assert short.deadline_s == 100.25
    assert short.sources[0].regions == (Region(1.0, 2.0, 3.0, 0.0),)


def test_defaults() -> None:
    parsed = parse({"type": "request", "id": 5.0, "op": "estimate"}, b"jpeg")
    assert (parsed.id, parsed.min_score, parsed.deadline_s, parsed.is_batch, parsed.size_bytes) == (
        5,
        0.5,
        None,
        False,
        4,
    )
    assert isinstance(parsed.id, int)
    assert parsed.sources == (ImageSource(None, None, None, 0, None, None),)


def test_no_regions_are_not_the_whole_image() -> None:
    assert parse(request(regions=[]), b"x").sources[0].regions == ()


WRONG = {
    "an unknown op": ({"type": "request", "id": 1, "op": "dance"}, b"x", "UNSUPPORTED_OP", "'dance'"),
    "no image": (request(), b"", "INVALID_REQUEST", "no image"),
    "body and path": (request(path="x"), b"x", "INVALID_REQUEST", "path and body"),
    "path and text": ({**request(path="x"), "body_b64": ""}, b"", "INVALID_REQUEST", "path and body_b64"),
    "raw without width": (request(format="rgb24", height=2), b"x", "INVALID_REQUEST", "got None and 2"),
    "too many images": (request(images=[{}] * 4), b"x", "INVALID_REQUEST", "at most 3 images, got 4"),
    "images without a place": (request(images=[{"offset": 0, "length": 1}, {}]), b"x", "INVALID_REQUEST", "images[1]"),
    "regions of a batch": (request(images=[{}], regions=[]), b"x", "INVALID_REQUEST", "each of params.images"),
    "an infinite region": (request(regions=[{**SQUARE, "cx": 1e999}]), b"x", "INVALID_REQUEST", "finite"),
    "a NaN": (request(regions=[{**SQUARE, "rotation": float("nan")}]), b"x", "INVALID_REQUEST", "finite"),
}


@pytest.mark.parametrize(("message", "body", "code", "words"), WRONG.values(), ids=WRONG)
def test_what_schemas_cannot_check(message: dict[str, Any], body: bytes, code: str, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse(message, body)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_bytes_come_from_body_text_or_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"bytes")
    for source in (
        make_request(body=b"bytes"),
        make_request(body=b"", body_b64=base64.b64encode(b"bytes").decode()),
        make_request(body=b"", path=str(tmp_path / "file")),
    ):
        assert bytes(read_bytes(source, limits=SMALL)) == b"bytes"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("aGk", "INVALID_REQUEST"),
        ("aG k=", "INVALID_REQUEST"),
        ("aGk=aGk=", "INVALID_REQUEST"),
        ("é===", "INVALID_REQUEST"),
        (base64.b64encode(b"x" * 11).decode(), "FRAME_TOO_LARGE"),
    ],
)
def test_text_that_is_no_body(text: str, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_bytes(make_request(body=b"", body_b64=text), limits=SMALL)
    assert caught.value.code == code


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * 11)
    with pytest.raises(RequestError, match="has 11 bytes, over the limit of 10") as caught:
        read_bytes(make_request(body=b"", path=str(path)), limits=SMALL)
    assert caught.value.code == "FRAME_TOO_LARGE"


def test_a_relative_path_that_is_not_there_is_told_where_it_was_looked_for() -> None:
    with pytest.raises(RequestError, match=r"cannot read 'rider\.jpg': No such file") as caught:
        read_bytes(make_request(body=b"", path="rider.jpg"), limits=SMALL)
    assert str(Path.cwd()) in (caught.value.hint or "")


def raw(offset: int, length: int | None) -> ImageSource:
    return ImageSource("gray8", 2, 1, offset, length, None)


def test_images_of_a_batch_are_parts_of_the_body() -> None:
    image = load_image(raw(1, 2), memoryview(b"\x00\x01\x02\x03"), max_pixels=4)
    assert image.shape == (1, 2, 3)
    assert image[0, :, 0].tolist() == [1, 2]
    assert image.dtype == np.uint8


@pytest.mark.parametrize(("offset", "length"), [(3, 2), (5, 0), (5, None), (0, 5), (2**40, 2)])
def test_parts_outside_the_body_are_refused(offset: int, length: int | None) -> None:
    with pytest.raises(RequestError, match="outside the body of 4 bytes") as caught:
        load_image(raw(offset, length), memoryview(bytes(4)), max_pixels=4)
    assert caught.value.code == "INVALID_REQUEST"
