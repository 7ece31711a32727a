"""Opening a video file: what may be opened at all, and which of its streams is the video."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

MAX_PIXELS = 64_000_000  # per frame; beyond this a header is broken or hostile (8K is 33 million)
DECODER_THREADS = 1  # with more, a broken packet takes sound frames before it along, one per thread
CHECK_FILE = "play the file elsewhere to check it, or pass another"

_PLAYLISTS = {"hls", "dash", "concat", "concatf", "image2", "sdp", "imf"}  # formats that open further files


class MediaError(Exception):
    """A file cannot be read as a video.

    Attributes:
        code: stable code of protocol/errors.json.
        reason: missing | not_a_file | unreadable | empty | not_media | playlist | no_video | no_frames | too_large |
            too_long | changed | damaged.
        hint: the next step.
    """

    code = "DECODE_FAILED"

    def __init__(self, reason: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.hint = hint


@contextmanager
def open_container(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video file and choose its video stream; nothing is decoded.

    Raises:
        MediaError: not a readable file, not a video, no video stream, or frames over MAX_PIXELS.
    """
    check_file(path)
    try:
        # "file:" keeps names with a colon from being taken for a protocol; nothing else may be opened from inside.
        container = av.open(f"file:{path}", mode="r", options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError("not_media", f"{path} is not a video that can be read: {_said(error)}", CHECK_FILE) from error
    with container:
        yield container, _video_stream(path, container)


def check_file(path: Path) -> None:
    """Raise MediaError unless the path is a regular file with something in it."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise MediaError("not_a_file", f"{path} is a directory, not a video", "pass one video or image file")
        if not stat.S_ISREG(mode):
            raise MediaError("not_a_file", f"{path} is not a regular file", "save the stream to a file first")
        with path.open("rb") as file:
            head = file.read(1)
    except (FileNotFoundError, NotADirectoryError) as error:
        where = "" if path.is_absolute() else f"; it was looked for in {os.path.realpath(path.parent)}"
        raise MediaError("missing", f"{path} does not exist", f"check the path{where}") from error
    except OSError as error:
        hint = "check the path, and the permissions of the file and the folders above it"
        raise MediaError("unreadable", f"{path} cannot be read: {error.strerror}", hint) from error
    if not head:
        raise MediaError("empty", f"{path} is empty (0 bytes)", "check whether the download or recording finished")


def _video_stream(path: Path, container: InputContainer) -> VideoStream:
    if container.format.name in _PLAYLISTS:
        raise MediaError(
            "playlist", f"{path} is a list of other files ({container.format.name}), not a video", "pass the video file"
        )
    # Cover art of an audio file is a video stream to the demuxer.
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        raise MediaError("no_video", f"{path} holds {kinds} and no video", "pass a file with a video stream")
    stream = streams[0]
    if stream.codec_context is None:
        raise MediaError("not_media", f"{path}: no decoder for its video stream", "convert it to H.264")
    if stream.width * stream.height > MAX_PIXELS:
        raise MediaError(
            "too_large",
            f"{path} announces {stream.width}x{stream.height} frames, over the limit of {MAX_PIXELS} pixels",
            "scale the video down first",
        )
    stream.codec_context.thread_count = DECODER_THREADS
    return stream


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
