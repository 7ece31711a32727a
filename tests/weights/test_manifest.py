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
    "vitpose-s": "43eba5e44ea5471a449c6a85bd7f11284727da79fc25c35a3bd358d6b0cdb698",
    "vitpose-b": "2e849e1f1dbb5b87191eda7171f1b16468d5d082a7380e93e94b7ce76a061679",
    "vitpose-l": "c79ff0cbe5c00e723fb96b7ab05cd38ce12c479446501b34fc17d4ffa6f7b10f",
    "vitpose-h": "092b137f18fb92ec0c569dd9d003468e4a31fbd9248fe4523cd9f10a15ad17a6",
    "vitpose-s-simple": "3a3bc656104bdee4391ca573f69ded1025897fad6459efbfa86f8c30c1160be3",
    "vitpose-b-simple": "1d60b1e86af84d36cb57d500c5d517f66beb211cfcb36d5e60c741f2164533da",
    "vitpose-l-simple": "1f09b3690e1fbac2c9c05700cdcf73f72c707cec05281aefff1069aad23b298b",
}
# Whose publisher gives a part of the digest, or none: pinned on each machine.
PINNED_LATER = {
    "keypointrcnn-resnet50": "fc266e95",
    "keypointrcnn-resnet50-legacy": "9f466800",
    "fasterrcnn-resnet50": "258fb6c6",
    "fasterrcnn-resnet50-v2": "dd69338a",
    "fasterrcnn-mobilenet": "fb6a3cc7",
    "fasterrcnn-mobilenet-320": "907ea3f9",
    "ssdlite320-mobilenet": "a79551df",
    "retinanet-resnet50": "eeacb38b",
    "retinanet-resnet50-v2": "5905b1c5",
    "fcos-resnet50": "99b0c9b7",
    "hmr2b": None,
    "hmr2a": None,
    "smpl-neutral": None,
    "smpl-joints": None,
}
NAMES = [*DIGESTS, *PINNED_LATER]


def test_names_digests_and_defaults_are_pinned() -> None:
    manifest = load_manifest()
    assert {model.name: model.sha256 for model in manifest.models if model.sha256} == DIGESTS
    assert {model.name: model.sha256_starts for model in manifest.models if not model.sha256} == PINNED_LATER
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
        assert re.search(r"^https://.*(/[0-9a-f]{40}/|\?generation=\d+$|-[0-9a-f]{8}\.pth$)", url), url


def test_what_may_not_be_used_freely_must_be_accepted() -> None:
    bound = [model for model in load_manifest().models if model.needs_consent]
    assert {model.name for model in bound} == {"hmr2a", "hmr2b", "smpl-neutral", "smpl-joints"}
    assert all(model.licence_url for model in bound)


@needs_shared
@pytest.mark.parametrize("name", ["blazepose-lite", "rtmdet-nano"])
def test_sizes_and_digests_agree_with_real_files(name: str) -> None:
    model = load_manifest().entry(name)
    path = FIXTURES / "models" / model.file
    assert path.stat().st_size == model.bytes
    assert sha256_of(path) == model.sha256


@pytest.mark.parametrize("name", NAMES)
def test_cards_say_what_the_manifest_says(name: str) -> None:
    model = load_manifest().entry(name)
    card = (ROOT / "models" / f"{name}.md").read_text(encoding="utf-8")
    digest = model.sha256 or model.sha256_starts or "pinned"
    size = "" if model.bytes is None else str(model.bytes)
    for fact in (name, model.file, size, digest, model.task, model.input, model.licence, model.origin):
        assert fact in card
    assert f"| commercial use | {'yes' if model.commercial_use else 'no'} |" in card
    assert f"| skeleton | {model.skeleton or 'none'} |" in card
    for source in model.sources:
        assert (source.member if isinstance(source, WheelSource) else source.url) in card


def test_there_is_a_card_for_every_model_and_no_other() -> None:
    assert {path.stem for path in (ROOT / "models").glob("*.md")} == set(NAMES)


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
    "file twice": ({"file": "pose_landmark_full.tflite"}, "has the file pose_landmark_full.tflite more than once"),
    "unknown kind": ({"kind": "hands"}, "kind must be one of keypoints, persons, body, part, got 'hands'"),
    "a start of a digest that is none": ({"sha256_starts": "xyz"}, "sha256_starts must be a valid str"),
    "archive without its member": (
        {"sources": [{"kind": "archive", "url": "https://a.b/c"}]},
        "KeyError: 'member'",
    ),
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
