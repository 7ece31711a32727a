"""A REQUEST (or its short form FRAME) as typed data. Schemas were checked at the edge; this checks what they cannot."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sidecar.daemon.errors import RequestError
from sidecar.pose.region import Region
from sidecar.wire.generated import codes

Buffer = bytes | bytearray | memoryview

ESTIMATE = "estimate"
VIDEO_OPS = ("video_plan", "video_segment", "video_assemble")
OPS = (ESTIMATE, *VIDEO_OPS)
DEFAULT_MIN_SCORE = 0.5
RAW_FORMATS = frozenset({"rgb24", "bgr24", "gray8"})


@dataclass(frozen=True, slots=True)
class ImageSource:
    """How to read one image out of a request's bytes.

    Attributes:
        format: declared format; None: to be sniffed.
        width, height: px, for raw formats.
        offset, length: its part of the bytes; length None: all of them.
        regions: where to look; None: the whole image.
    """

    format: str | None
    width: int | None
    height: int | None
    offset: int
    length: int | None
    regions: tuple[Region, ...] | None


@dataclass(frozen=True, slots=True)
class Request:
    """One unit of work, complete: nothing inside is optional but by meaning.

    Attributes:
        op: one of OPS.
        params: of the operations on videos, unchecked; `estimate` has the attributes that follow instead.
        sources: the images; one, unless `is_batch`.
        body: raw bytes that came along, else empty.
        body_b64: the same as text (jsonl), else None.
        path: file to read the bytes from, else None.
        with_faces: `estimate` only: send the triangles of the meshes along.
        received_s: monotonic time at which its header came.
        deadline_s: monotonic time after which nobody wants the answer.
    """

    id: int
    op: str
    params: Mapping[str, Any]
    sources: tuple[ImageSource, ...]
    is_batch: bool
    min_score: float
    body: Buffer
    body_b64: str | None
    path: str | None
    received_s: float
    deadline_s: float | None
    trace: str | None
    with_faces: bool = False

    @property
    def size_bytes(self) -> int:
        """Memory its input holds while it waits."""
        return len(self.body) + len(self.body_b64 or "")


def parse_request(message: Mapping[str, Any], body: Buffer, *, received_s: float, max_batch: int) -> Request:
    """Read a checked REQUEST or FRAME message.

    Raises:
        RequestError: UNSUPPORTED_OP or INVALID_REQUEST.
    """
    is_short = message["type"] == "frame"
    if not is_short and message["op"] not in OPS:
        raise RequestError(codes.UNSUPPORTED_OP, f"op must be one of {', '.join(OPS)}, got {message['op']!r}")
    params = message if is_short else message.get("params", {})
    op = ESTIMATE if is_short else message["op"]
    if op in VIDEO_OPS:
        return _video_request(message, op, params, body, received_s=received_s)
    path, body_b64 = params.get("path"), message.get("body_b64")
    _check_one_source(path, body_b64, body)
    images = params.get("images")
    return Request(
        id=int(message["id"]),
        op=op,
        params={},
        sources=(_source(params),) if images is None else _batch(params, images, max_batch),
        is_batch=images is not None,
        min_score=params.get("min_score", DEFAULT_MIN_SCORE),
        body=body,
        body_b64=body_b64,
        path=path,
        received_s=received_s,
        deadline_s=_deadline_s(message, received_s),
        trace=message.get("trace"),
        with_faces=params.get("faces", False),
    )


def _video_request(
    message: Mapping[str, Any], op: str, params: Mapping[str, Any], body: Buffer, *, received_s: float
) -> Request:
    return Request(
        id=int(message["id"]),
        op=op,
        params=params,
        sources=(),
        is_batch=False,
        min_score=params.get("min_score", DEFAULT_MIN_SCORE),
        body=body if message.get("body_b64") is None else _decoded(message["body_b64"]),
        body_b64=None,
        path=None,
        received_s=received_s,
        deadline_s=_deadline_s(message, received_s),
        trace=message.get("trace"),
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise _invalid(f"body_b64 is not base64: {error}") from error


def _deadline_s(message: Mapping[str, Any], received_s: float) -> float | None:
    deadline_ms = message.get("deadline_ms")
    return None if deadline_ms is None else received_s + deadline_ms / 1000


def _check_one_source(path: str | None, body_b64: str | None, body: Buffer) -> None:
    given = [name for name, there in (("path", path), ("body_b64", body_b64 is not None), ("body", len(body))) if there]
    if not given:
        raise _invalid("the request carries no image: send a body, or name a file with path")
    if len(given) > 1:
        raise _invalid(f"the image must come one way, got {' and '.join(given)}")


def _batch(params: Mapping[str, Any], images: Sequence[Mapping[str, Any]], max_batch: int) -> tuple[ImageSource, ...]:
    if len(images) > max_batch:
        raise _invalid(f"params.images must hold at most {max_batch} images, got {len(images)}")
    if params.get("regions") is not None:
        raise _invalid("regions of a batch belong to each of params.images, not to params")
    if len(images) > 1:
        for index, image in enumerate(images):
            if "offset" not in image or "length" not in image:
                raise _invalid(f"params.images[{index}] must have offset and length")
    return tuple(_source(image) for image in images)


def _source(params: Mapping[str, Any]) -> ImageSource:
    declared = params.get("format")
    width, height = _whole(params.get("width")), _whole(params.get("height"))
    if declared in RAW_FORMATS and (width is None or height is None):
        raise _invalid(f"format {declared} needs width and height, got {width} and {height}")
    regions = params.get("regions")
    return ImageSource(
        format=declared,
        width=width,
        height=height,
        offset=int(params.get("offset", 0)),
        length=_whole(params.get("length")),
        regions=None if regions is None else tuple(_region(region) for region in regions),
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)  # JSON Schema counts 640.0 as an integer


def _region(fields: Mapping[str, Any]) -> Region:
    try:
        return Region(
            float(fields["cx"]), float(fields["cy"]), float(fields["size"]), float(fields.get("rotation", 0.0))
        )
    except (ValueError, OverflowError) as error:
        raise _invalid(str(error)) from error


def _invalid(message: str) -> RequestError:
    return RequestError(codes.INVALID_REQUEST, message)
