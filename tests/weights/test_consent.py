"""Licences that limit use: shown, accepted once, remembered beside the files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.weights.consent import FILE
from sidecar.weights.fetch import add
from sidecar.weights.manifest import UrlSource
from sidecar.weights.transfer import PullError
from tests.weights.makers import CONTENT, Server, body, make_model, names_in, pull_all

BOUND = replace(make_model(), commercial_use=False, licence="Research only", licence_url="https://example.org/licence")


def test_nothing_is_asked_of_a_server_before_the_licence_is_accepted(tmp_path: Path) -> None:
    with Server({"/tiny": body(CONTENT)}).serving() as server:
        model = replace(BOUND, sources=(UrlSource(f"{server.url}/tiny"),))
        with pytest.raises(PullError) as refused:
            pull_all(model, into=tmp_path)
        assert str(refused.value).splitlines() == [
            "Licences that do not allow every use must be accepted first:",
            "  tiny: Research only",
            "    https://example.org/licence",
            "Read them, and if you may and will keep to them, run the same again with --accept-licence.",
        ]
        assert (server.asked, names_in(tmp_path)) == ([], [])
        (done,) = pull_all(model, into=tmp_path, accept_licence=True)
        assert done.how == "fetched"
        (tmp_path / "tiny.tflite").unlink()
        (again,) = pull_all(model, into=tmp_path)  # remembered
        assert again.how == "fetched"
    assert names_in(tmp_path) == [FILE, "tiny.tflite"]


def test_another_licence_must_be_accepted_anew(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    add(tmp_path / "file", tmp_path / "models", [BOUND], accept_licence=True)
    with pytest.raises(PullError, match="Even less"):
        add(tmp_path / "file", tmp_path / "models", [replace(BOUND, licence="Even less")])


def test_what_is_there_is_not_asked_about(tmp_path: Path) -> None:
    (tmp_path / "tiny.tflite").write_bytes(CONTENT)
    (done,) = pull_all(BOUND, into=tmp_path)
    assert done.how == "present"


def test_free_licences_are_not_asked_about(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    add(tmp_path / "file", tmp_path / "models", [make_model()])
    assert FILE not in names_in(tmp_path / "models")


@pytest.mark.parametrize("text", ["", "[]", '{"accepted": 3}', '{"accepted": {"tiny": 3}}'])
def test_a_damaged_memory_holds_no_consent(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(PullError, match="must be accepted first"):
        pull_all(BOUND, into=tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(PullError, match="choose another place with --dir"):
        pull_all(BOUND, into=tmp_path / "a-file" / "models", accept_licence=True)
