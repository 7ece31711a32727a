"""Places of one's own come first, and their files are verified like any."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.weights.manifest import UrlSource
from sidecar.weights.mirrors import mirrors_by_environment
from sidecar.weights.transfer import PullError
from tests.weights.makers import CONTENT, OTHER, Server, body, make_model, pull_all


def test_mirrors_are_asked_before_the_published_place(tmp_path: Path) -> None:
    with Server({"/b/tiny.tflite": body(CONTENT), "/published": body(CONTENT)}).serving() as server:
        model = make_model(sources=(UrlSource(f"{server.url}/published"),))
        (done,) = pull_all(model, into=tmp_path, mirrors=(f"{server.url}/a/", f"{server.url}/b"))
    assert server.asked == ["/a/tiny.tflite", "/b/tiny.tflite"]
    assert done.source == f"{server.url}/b/tiny.tflite"


def test_a_mirror_with_another_file_is_passed_over(tmp_path: Path) -> None:
    with Server({"/tiny.tflite": body(OTHER), "/published": body(CONTENT)}).serving() as server:
        model = make_model(sources=(UrlSource(f"{server.url}/published"),))
        (done,) = pull_all(model, into=tmp_path, mirrors=(server.url,))
    assert done.source.endswith("/published")


def test_offline_asks_no_mirror(tmp_path: Path) -> None:
    with Server({"/tiny.tflite": body(CONTENT)}).serving() as server:
        with pytest.raises(PullError, match="offline mode fetches nothing"):
            pull_all(make_model(), into=tmp_path, mirrors=(server.url,), offline=True)
        assert server.asked == []


def test_the_environment_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSE_MODELS_MIRROR", raising=False)
    assert mirrors_by_environment() == ()
    monkeypatch.setenv("POSE_MODELS_MIRROR", " https://a.example/models  http://b.example ")
    assert mirrors_by_environment() == ("https://a.example/models", "http://b.example")


@pytest.mark.parametrize("value", ["file:///etc", "https://a.example ftp://b", "models"])
def test_other_addresses_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("POSE_MODELS_MIRROR", value)
    with pytest.raises(PullError, match="POSE_MODELS_MIRROR must hold http or https addresses"):
        mirrors_by_environment()


def test_passwords_in_an_address_are_not_shown(tmp_path: Path) -> None:
    with Server({}).serving() as server:
        secret = server.url.replace("://", "://me:s3cret@")
        with pytest.raises(PullError) as refused:
            pull_all(make_model(), into=tmp_path, mirrors=(secret,))
    assert "s3cret" not in str(refused.value)
    assert f"{server.url}/tiny.tflite" in str(refused.value)
