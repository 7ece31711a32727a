"""Small models, wheels and servers that behave as the tests ask."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sidecar.weights import landing
from sidecar.weights.fetch import Pulled, pull
from sidecar.weights.manifest import ModelEntry, Source, WheelSource

CONTENT = bytes(range(256)) * 40
OTHER = CONTENT[::-1]  # the same size, another digest
MEMBER = "tinypose/model.tflite"


def make_model(content: bytes = CONTENT, *, name: str = "tiny", sources: tuple[Source, ...] = ()) -> ModelEntry:
    return ModelEntry(
        name=name,
        file=f"{name}.tflite",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        default=True,
        task="nothing",
        input="nothing",
        skeleton=None,
        licence="Apache-2.0",
        commercial_use=True,
        origin="tests",
        sources=sources,
    )


def make_wheel_source(distribution: str = "tinypose", member: str = MEMBER) -> WheelSource:
    return WheelSource(distribution, "1.0", "3.11", "cp311", "manylinux_2_28_x86_64", member)


def make_wheel(folder: Path, members: dict[str, bytes], distribution: str = "tinypose") -> Path:
    """A wheel for CPython 3.11 on Linux, with just enough metadata for pip."""
    path = folder / f"{distribution}-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    info = f"{distribution}-1.0.dist-info"
    wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_28_x86_64\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", wheel)
        archive.writestr(f"{info}/RECORD", "")
    return path


def pull_all(*models: ModelEntry, into: Path, **options: object) -> list[Pulled]:
    return list(pull(models, into, places=[], **options))  # type: ignore[arg-type]


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.name != landing.LOCK_FILE)


Answer = Callable[[BaseHTTPRequestHandler], None]


def body(content: bytes, *, status: int = 200, length: int | None = None, **headers: str) -> Answer:
    """Answer with these bytes; `length` announces another number of them, -1 none at all."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        if length != -1:
            request.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    return answer


class Server:
    """A local HTTP server: one answer per path, and a list of the paths that were asked for."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.asked: list[str] = []
        self.answers = answers
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                answers.get(self.path, body(b"", status=404))(self)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it
                """Stay quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def stall_when_asked(self, path: str) -> threading.Event:
        """From now on `path` is never answered; the event tells that somebody waits for it."""
        asked = threading.Event()

        def stall(request: BaseHTTPRequestHandler) -> None:
            asked.set()
            request.connection.recv(1)

        self.answers[path] = stall
        return asked

    @contextmanager
    def serving(self) -> Iterator[Server]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            thread.join()
            self._http.server_close()
