"""What one peer accepts from the other. Standard library only, Python 3.8: HELLO quotes these before any import."""

from typing import NamedTuple

HARD_BODY_BYTES = 256 * 1024 * 1024  # no configuration may raise a body above this: beyond it the peer is broken


class Limits(NamedTuple):
    """Bounds checked by the sender (typed error) and by the receiver before it allocates.

    Attributes:
        meta_bytes: encoded meta of one frame; also a JSON line without the text of its `body_b64`.
        body_bytes: body of one frame.
        line_bytes: one JSON line, without its line feed.
        depth: nesting of maps and arrays; the message itself is depth 1.
        pixels: width x height of one image, read from its header.
    """

    meta_bytes: int = 256 * 1024
    body_bytes: int = 32 * 1024 * 1024
    line_bytes: int = 48 * 1024 * 1024
    depth: int = 32
    pixels: int = 64_000_000


DEFAULT_LIMITS = Limits()
