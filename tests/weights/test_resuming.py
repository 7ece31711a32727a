"""Downloads that break off go on where they ended, in the same pull or the next, and never mix two files."""

from __future__ import annotations

import os
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sidecar.weights.landing import PARTIAL, PARTIAL_AGE_S
from sidecar.weights.manifest import UrlSource
from sidecar.weights.transfer import PullError, SourceError, silent
from sidecar.weights.url_source import MAX_ATTEMPTS, MAX_FILE_BYTES, MIN_BYTES_PER_S, download, validator_file
from tests.weights.makers import CONTENT, OTHER, Server, body, make_model, names_in, pull_all

SIZE = len(CONTENT)
STEP = 3000


class Breaking:
    """A server of one file that sends STEP bytes a request, then hangs up. It knows ranges, as they all do."""

    def __init__(
        self, content: bytes = CONTENT, *, step: int = STEP, etag: str | None = '"one"', ranges: bool = True
    ) -> None:
        self.content = content
        self.step = step
        self.etag = etag
        self.ranges = ranges
        self.asked: list[str | None] = []

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        wanted, condition = request.headers.get("Range"), request.headers.get("If-Range")
        self.asked.append(wanted)
        start = 0
        if wanted and self.ranges and condition == self.etag:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        if self.etag:
            request.send_header("ETag", self.etag)
        request.send_header("Content-Length", str(len(self.content) - start))
        request.end_headers()
        request.wfile.write(self.content[start : start + self.step])


def fetch(answer: Callable[[BaseHTTPRequestHandler], None], to: Path, *, size: int | None = SIZE) -> None:
    with Server({"/model": answer}).serving() as server:
        download(f"{server.url}/model", to, size=size, report=silent)


def test_limits_are_part_of_the_contract() -> None:
    assert (MAX_ATTEMPTS, MIN_BYTES_PER_S, MAX_FILE_BYTES, PARTIAL_AGE_S) == (5, 200_000, 16 * 1024**3, 14 * 86_400)


@pytest.mark.parametrize("size", [SIZE, None], ids=["size known", "size unknown"])
def test_it_goes_on_where_it_broke_off(tmp_path: Path, size: int | None) -> None:
    server = Breaking()
    fetch(server, tmp_path / "part", size=size)
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert server.asked == [None, "bytes=3000-", "bytes=6000-", "bytes=9000-"]
    assert not validator_file(tmp_path / "part").exists()


def test_a_later_pull_goes_on(tmp_path: Path) -> None:
    server = Breaking(step=1000)  # five attempts bring half
    with Server({"/model": server}).serving() as local:
        model = make_model(sources=(UrlSource(f"{local.url}/model"),))
        with pytest.raises(PullError, match="could not be fetched"):
            pull_all(model, into=tmp_path)
        assert names_in(tmp_path) == [PARTIAL]
        server.step = SIZE
        server.asked.clear()
        (done,) = pull_all(model, into=tmp_path)
    assert (done.how, server.asked) == ("fetched", ["bytes=5000-"])
    assert done.path.read_bytes() == CONTENT
    assert names_in(tmp_path) == ["tiny.tflite"]


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(tmp_path: Path) -> None:
    server = Breaking(step=4000)

    def change(request: BaseHTTPRequestHandler) -> None:
        if len(server.asked) == 1:
            server.content, server.etag, server.step = OTHER, '"two"', SIZE
        server(request)

    fetch(change, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == OTHER


def test_a_server_without_ranges_sends_it_all_again(tmp_path: Path) -> None:
    server = Breaking(ranges=False)

    def recover(request: BaseHTTPRequestHandler) -> None:
        if len(server.asked) == 1:
            server.step = SIZE
        server(request)

    fetch(recover, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


@pytest.mark.parametrize("etag", [None, 'W/"weak"'], ids=["none", "a weak one"])
def test_without_a_validator_nothing_is_kept_for_later(tmp_path: Path, etag: str | None) -> None:
    server = Breaking(etag=etag)
    with (
        Server({"/model": server}).serving() as local,
        pytest.raises(PullError, match=r"RemoteProtocolError|ended after"),
    ):
        pull_all(make_model(sources=(UrlSource(f"{local.url}/model"),)), into=tmp_path)
    assert set(server.asked) == {None}
    assert names_in(tmp_path) == []


def test_a_server_that_brings_nothing_new_is_given_up(tmp_path: Path) -> None:
    server = Breaking(step=0)
    with pytest.raises(SourceError):
        fetch(server, tmp_path / "part")
    assert len(server.asked) == 1


def another_part(request: BaseHTTPRequestHandler) -> None:
    if request.headers.get("Range") is None:
        Breaking()(request)
        return
    request.send_response(206)
    request.send_header("Content-Range", f"bytes 7-{SIZE - 1}/{SIZE}")
    request.send_header("Content-Length", str(SIZE - 7))
    request.end_headers()
    request.wfile.write(CONTENT[7:])


def test_another_part_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="answered with another part of the file"):
        fetch(another_part, tmp_path / "part")


def test_a_file_that_grew_is_refused(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(CONTENT[:STEP])
    validator_file(tmp_path / "part").write_text('"one"', encoding="ascii")
    with pytest.raises(SourceError, match=f"announces {SIZE + 1} bytes instead of {SIZE}"):
        fetch(Breaking(CONTENT + b"!", step=SIZE), tmp_path / "part")


def test_a_part_that_is_longer_than_the_file_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(CONTENT + b"more")
    validator_file(tmp_path / "part").write_text('"one"', encoding="ascii")
    fetch(Breaking(step=SIZE), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_wrong_file_that_came_in_parts_does_not_land(tmp_path: Path) -> None:
    with (
        Server({"/model": Breaking(OTHER)}).serving() as local,
        pytest.raises(PullError, match="it was thrown away"),
    ):
        pull_all(make_model(sources=(UrlSource(f"{local.url}/model"),)), into=tmp_path)
    assert names_in(tmp_path) == []


def test_a_file_without_a_size_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.weights.url_source.MAX_FILE_BYTES", 100)
    with pytest.raises(SourceError, match="sends more than the 100 bytes"):
        fetch(body(CONTENT, length=-1), tmp_path / "part", size=None)


def test_old_parts_are_dropped(tmp_path: Path) -> None:
    (tmp_path / PARTIAL).mkdir()
    old = tmp_path / PARTIAL / "gone-123"
    old.write_bytes(b"x")
    os.utime(old, (1, 1))
    with Server({"/model": body(CONTENT)}).serving() as local:
        pull_all(make_model(sources=(UrlSource(f"{local.url}/model"),)), into=tmp_path)
    assert names_in(tmp_path) == ["tiny.tflite"]
