"""Downloads from servers that behave, and from servers that do not."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sidecar.weights.transfer import SourceError, silent
from sidecar.weights.url_source import CONNECT_TIMEOUT_S, SILENCE_TIMEOUT_S, TRANSFER_TIMEOUT_S, download
from tests.weights.makers import CONTENT, Answer, Server, body

SIZE = len(CONTENT)


def fetch(answer: Answer, to: Path, **options: float) -> Server:
    with Server({"/model": answer, "/loop": body(b"", status=302, Location="/loop")}).serving() as server:
        download(f"{server.url}/model", to, size=SIZE, report=silent, **options)
    return server


def test_limits_are_part_of_the_contract() -> None:
    assert (CONNECT_TIMEOUT_S, SILENCE_TIMEOUT_S, TRANSFER_TIMEOUT_S) == (10.0, 30.0, 900.0)


@pytest.mark.parametrize("length", [SIZE, -1], ids=["with its length", "without its length"])
def test_a_file_is_saved(tmp_path: Path, length: int) -> None:
    fetch(body(CONTENT, length=length), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_redirects_are_followed(tmp_path: Path) -> None:
    answers = {"/old": body(b"", status=302, Location="/new"), "/new": body(CONTENT)}
    with Server(answers).serving() as server:
        download(f"{server.url}/old", tmp_path / "part", size=SIZE, report=silent)
    assert server.asked == ["/old", "/new"]
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_progress_is_reported(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with Server({"/model": body(CONTENT)}).serving() as server:
        download(
            f"{server.url}/model",
            tmp_path / "part",
            size=SIZE,
            report=lambda doing, done=0, total=None: seen.append((done, total)),
        )
    assert seen[-1] == (SIZE, SIZE)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def stall(request: BaseHTTPRequestHandler) -> None:
    """Announce the whole file, send half, and wait for the client to give up."""
    request.send_response(200)
    request.send_header("Content-Length", str(SIZE))
    request.end_headers()
    request.wfile.write(CONTENT[: SIZE // 2])
    request.wfile.flush()
    request.connection.recv(1)


def stay_silent(request: BaseHTTPRequestHandler) -> None:
    request.connection.recv(1)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """Close without an answer."""


FAULTS: dict[str, tuple[Answer, str]] = {
    "not found": (body(b"", status=404), "answered 404 Not Found"),
    "server fault": (body(b"", status=503), "answered 503 Service Unavailable"),
    "partial content": (body(CONTENT, status=206), "answered 206 Partial Content"),
    "redirected in circles": (body(b"", status=302, Location="/loop"), "TooManyRedirects"),
    "another size": (body(CONTENT + b"!"), f"announces {SIZE + 1} bytes instead of {SIZE}"),
    "a page for people": (body(b"<html>sign in</html>"), f"announces 20 bytes instead of {SIZE}"),
    "cut off": (body(CONTENT[:100], length=SIZE), "RemoteProtocolError"),
    "cut off without a length": (body(CONTENT[:100], length=-1), f"ended after 100 of {SIZE} bytes"),
    "endless": (body(CONTENT * 9, length=-1), f"sends more than the {SIZE} bytes"),
    "stalled": (stall, "nothing came for 0.3 s"),
    "silent": (stay_silent, "nothing came for 0.3 s"),
    "hung up": (hang_up, "RemoteProtocolError"),
}


@pytest.mark.parametrize(("answer", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_are_named(tmp_path: Path, answer: Answer, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        fetch(answer, tmp_path / "part", silence_timeout_s=0.3)


def test_a_server_that_drips_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"too slow: only [0-9]+ of {SIZE} bytes came in time"):
        fetch(body(CONTENT), tmp_path / "part", transfer_timeout_s=-1.0)


def test_an_address_that_nobody_serves(tmp_path: Path) -> None:
    with Server({}).serving() as server:
        url = server.url
    with pytest.raises(SourceError, match="cannot be reached from this machine"):
        download(f"{url}/model", tmp_path / "part", size=SIZE, report=silent)


def test_a_host_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be reached from this machine"):
        download("https://models.invalid/model", tmp_path / "part", size=SIZE, report=silent)
