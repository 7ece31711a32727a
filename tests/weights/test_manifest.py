"""models/manifest.json: complete, pinned, and told the same way by its cards."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sidecar.weights.manifest import (
    ManifestError,
    UnknownModelError,
    UrlSource,
    WheelSource,
    load_manifest,
    read_manifest,
)
from sidecar.weights.store import sha256_of
from tests.paths import FIXTURES, ROOT, needs_shared

# The contract: what each name means, byte for byte.
DIGESTS = {
    "blazepose-detector": "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    "blazepose-full": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "blazepose-lite": "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    "rtmdet-nano": "b8585adb6d1352796f6e86337e09c3459b830645a7e7192d9381670bea2facbd",
}


def test_names_digests_and_defaults_are_pinned() -> None:
    manifest = load_manifest()
    assert {model.name: model.sha256 for model in manifest.models} == DIGESTS
    assert [model.name for model in manifest.default] == ["blazepose-detector", "blazepose-full"]


def test_default_models_come_from_a_wheel_first() -> None:
    for model in load_manifest().default:
        first = model.sources[0]
        assert isinstance(first, WheelSource)
        assert (first.distribution, first.version) == ("mediapipe", "0.10.21")


def test_addresses_are_https_and_pinned_to_one_version() -> None:
    urls = [source.url for model in load_manifest().models for source in model.sources if isinstance(source, UrlSource)]
    assert urls
    for url in urls:
        assert re.search(r"^https://.*(/[0-9a-f]{40}/|\?generation=\d+$)", url), url


@needs_shared
@pytest.mark.parametrize("name", ["blazepose-lite", "rtmdet-nano"])
def test_sizes_and_digests_agree_with_real_files(name: str) -> None:
    model = load_manifest().entry(name)
    path = FIXTURES / "models" / model.file
    assert path.stat().st_size == model.bytes
    assert sha256_of(path) == model.sha256


@pytest.mark.parametrize("name", DIGESTS)
def test_cards_say_what_the_manifest_says(name: str) -> None:
    model = load_manifest().entry(name)
    card = (ROOT / "models" / f"{name}.md").read_text(encoding="utf-8")
    facts = (name, model.file, str(model.bytes), model.sha256, model.task, model.input, model.licence, model.origin)
    for fact in facts:
        assert fact in card
    assert f"| commercial use | {'yes' if model.commercial_use else 'no'} |" in card
    assert f"| skeleton | {model.skeleton or 'none'} |" in card
    for source in model.sources:
        assert (source.url if isinstance(source, UrlSource) else source.member) in card


def test_there_is_a_card_for_every_model_and_no_other() -> None:
    assert {path.stem for path in (ROOT / "models").glob("*.md")} == set(DIGESTS)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(
        UnknownModelError, match=r"no model is called 'yolo'; known: blazepose-detector, blazepose-full"
    ):
        load_manifest().entry("yolo")


def damaged(tmp_path: Path, **changes: object) -> Path:
    content = json.loads((ROOT / "models" / "manifest.json").read_text(encoding="utf-8"))
    content["models"][0].update(changes)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


DAMAGES = {
    "short digest": ({"sha256": "abc"}, "blazepose-detector: sha256 must be a valid str, got 'abc'"),
    "upper-case digest": ({"sha256": "A" * 64}, "sha256 must be"),
    "negative size": ({"bytes": -1}, "bytes must be a valid int, got -1"),
    "size that is a truth value": ({"bytes": True}, "bytes must be a valid int, got True"),
    "path for a file name": ({"file": "../../etc/passwd"}, "file must be a valid str"),
    "hidden file": ({"file": ".bashrc"}, "file must be a valid str"),
    "no sources": ({"sources": []}, "sources must be a valid list"),
    "unknown kind of source": ({"sources": [{"kind": "ftp"}]}, "kind wheel, url or archive, got 'ftp'"),
    "address of another scheme": ({"sources": [{"kind": "url", "url": "file:///etc/passwd"}]}, "url must be"),
    "source without its fields": ({"sources": [{"kind": "wheel"}]}, "KeyError: 'distribution'"),
    "source that is no object": ({"sources": [7]}, "is not a model manifest: TypeError"),
    "name twice": ({"name": "rtmdet-nano"}, "has the name rtmdet-nano more than once"),
    "digest twice": ({"sha256": DIGESTS["rtmdet-nano"]}, "has the sha256 b8585adb"),
}


@pytest.mark.parametrize(("changes", "message"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read_manifest(damaged(tmp_path, **changes))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"models": 3}', '{"models": [3]}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ManifestError, match="is not a model manifest"):
        read_manifest(path)
