"""Files whose digest nobody published: the first is trusted, and from then on it alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sidecar.weights.fetch import add
from sidecar.weights.manifest import ModelEntry, UrlSource
from sidecar.weights.pins import FILE, Pin, PinsDamaged, keep_pin, read_pins
from sidecar.weights.resembling import resembles
from sidecar.weights.store import ModelMissing, find_in, locate_in
from sidecar.weights.transfer import PullError
from tests.weights.makers import CONTENT, OTHER, Server, body, make_model, names_in, pull_all


def unpublished(**changes: Any) -> ModelEntry:
    return replace(make_model(), **{"sha256": None, "bytes": None, **changes})


def test_the_first_file_is_pinned_and_found(tmp_path: Path) -> None:
    with Server({"/tiny": body(CONTENT)}).serving() as server:
        model = unpublished(sources=(UrlSource(f"{server.url}/tiny"),))
        (done,) = pull_all(model, into=tmp_path)
        (again,) = pull_all(model, into=tmp_path)
    assert (done.how, again.how, server.asked) == ("fetched", "present", ["/tiny"])
    found = locate_in(model, [tmp_path])
    assert (found.path, found.sha256) == (tmp_path / "tiny.tflite", make_model().sha256)
    assert read_pins(tmp_path) == {"tiny": Pin(make_model().sha256 or "", len(CONTENT), f"{server.url}/tiny")}


def test_another_file_later_is_refused_and_the_pinned_one_brought_back_is_not(tmp_path: Path) -> None:
    model = unpublished()
    (tmp_path / "first").write_bytes(CONTENT)
    (tmp_path / "second").write_bytes(OTHER)
    add(tmp_path / "first", tmp_path / "models", [model], name="tiny")
    with pytest.raises(PullError, match=r"second is not tiny: it brought a file .* that .*pins\.json holds"):
        add(tmp_path / "second", tmp_path / "models", [model], name="tiny")
    (tmp_path / "models" / "tiny.tflite").write_bytes(OTHER)
    with pytest.raises(ModelMissing) as missing:
        find_in(model, [tmp_path / "models"])
    assert missing.value.rejected[0].problem == "wrong_digest"
    add(tmp_path / "first", tmp_path / "models", [model], name="tiny")
    assert find_in(model, [tmp_path / "models"]).read_bytes() == CONTENT


def test_a_file_without_a_pin_is_not_used_and_the_way_to_pin_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "tiny.tflite").write_bytes(CONTENT)
    with pytest.raises(ModelMissing, match="pinned when it first comes") as missing:
        find_in(unpublished(), [tmp_path])
    (rejected,) = missing.value.rejected
    assert rejected.problem == "unpinned"
    assert rejected.reason.endswith(f"models add {tmp_path / 'tiny.tflite'} --as tiny")


def test_what_everybody_brings_has_no_command_that_would_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as missing:
        find_in(unpublished(), [tmp_path])
    assert missing.value.command is None
    assert "models add FILE --as tiny" in missing.value.hint
    with pytest.raises(PullError, match="tiny cannot be fetched: everybody brings it themselves"):
        pull_all(unpublished(), into=tmp_path)


class TestTheStartOfADigest:
    START = (make_model().sha256 or "")[:8]

    def test_a_brought_file_is_known_by_it(self, tmp_path: Path) -> None:
        (tmp_path / "download").write_bytes(CONTENT)
        added = add(tmp_path / "download", tmp_path / "models", [unpublished(sha256_starts=self.START)])
        assert added.model.name == "tiny"
        assert added.path.read_bytes() == CONTENT

    def test_another_file_is_never_pinned(self, tmp_path: Path) -> None:
        with Server({"/tiny": body(OTHER)}).serving() as server:
            model = unpublished(sha256_starts=self.START, sources=(UrlSource(f"{server.url}/tiny"),))
            with pytest.raises(PullError, match=f"does not start with {self.START}; it was thrown away"):
                pull_all(model, into=tmp_path)
        assert names_in(tmp_path) == []
        (tmp_path / "download").write_bytes(OTHER)
        with pytest.raises(PullError, match="does not start with"):
            add(tmp_path / "download", tmp_path / "models", [model], name="tiny")


def test_a_name_that_is_not_the_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    models = [make_model(), replace(unpublished(), name="own", file="own.pkl")]
    with pytest.raises(PullError, match="file is tiny, not own"):
        add(tmp_path / "file", tmp_path / "models", models, name="own")
    (tmp_path / "file").write_bytes(OTHER)
    with pytest.raises(PullError, match=r"which is no known model .*if it is one of own, say which with --as NAME"):
        add(tmp_path / "file", tmp_path / "models", models)
    with pytest.raises(PullError, match="is no known model"):
        add(tmp_path / "file", tmp_path / "models", models, name="tiny")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.pth", b"PK\x03\x04rest", True),
        ("a.pth", b"\x80\x02\x8a\x0a", True),
        ("a.pth", b"<html>sign in</html>", False),
        ("a.pth", b"", False),
        ("a.safetensors", b"\x10\0\0\0\0\0\0\0{}", True),
        ("a.safetensors", b"PK\x03\x04rest.....", False),
        ("a.ckpt", b"PK\x03\x04rest", True),
        ("a.ckpt", b"\x10\0\0\0\0\0\0\0{}", True),
        ("a.ckpt", b"<html>{sign in}</html>", False),
        ("a.pth", b"\x10\0\0\0\0\0\0\0{}", False),
        ("a.pkl", b"(dp0\n", True),
        ("a.pkl", b"\x80\x02}", True),
        ("a.pkl", b"#!/bin/sh", False),
        ("a.tflite", b"anything", True),
    ],
)
def test_what_a_kind_of_file_begins_with(tmp_path: Path, name: str, content: bytes, expected: bool) -> None:
    (tmp_path / "x").write_bytes(content)
    assert resembles(tmp_path / "x", name) is expected


def test_a_page_for_people_is_never_pinned(tmp_path: Path) -> None:
    with Server({"/own": body(b"<html>sign in</html>")}).serving() as server:
        model = unpublished(file="own.pth", sources=(UrlSource(f"{server.url}/own"),))
        with pytest.raises(PullError, match=r"brought what is no \.pth file"):
            pull_all(model, into=tmp_path)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"pins": {"tiny": {}}}', '{"pins": {"tiny": {"sha256": "x", "bytes": 1, "source": ""}}}']
)
def test_damaged_pins_are_no_pins(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    (tmp_path / "tiny.tflite").write_bytes(CONTENT)
    with pytest.raises(PinsDamaged, match=r"pins\.json is damaged .*; remove it and add its models again"):
        read_pins(tmp_path)
    with pytest.raises(ModelMissing, match=r"pins\.json is damaged"):
        find_in(unpublished(), [tmp_path])
    with pytest.raises(PullError, match=r"pins\.json is damaged"):
        add(tmp_path / "tiny.tflite", tmp_path, [unpublished()], name="tiny")
    assert find_in(make_model(), [tmp_path]).read_bytes() == CONTENT  # a published digest needs none


def test_pins_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    first, second = Pin("a" * 64, 1, "here"), Pin("b" * 64, 2, "there")
    keep_pin(replace(unpublished(), name="one"), first, tmp_path)
    keep_pin(replace(unpublished(), name="two"), second, tmp_path)
    assert read_pins(tmp_path) == {"one": first, "two": second}
    assert names_in(tmp_path) == [FILE]
