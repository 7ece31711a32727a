"""`python -m sidecar models`: what it prints, where it writes, how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.cli import models as cli
from sidecar.weights.manifest import Manifest
from tests.paths import ROOT
from tests.weights.makers import (
    CONTENT,
    MEMBER,
    OTHER,
    Server,
    body,
    make_model,
    make_wheel,
    make_wheel_source,
)

TINY = make_model(sources=(make_wheel_source(),))
EXTRA = make_model(OTHER, name="extra")


@pytest.fixture(autouse=True)
def two_small_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The manifest has a default model and an optional one, and nothing but `models` and the cache is searched."""
    optional = make_model(OTHER, name="extra")
    object.__setattr__(optional, "default", False)
    monkeypatch.setattr(cli, "load_manifest", lambda: Manifest((TINY, optional)))
    monkeypatch.setattr("sidecar.weights.places._CHECKOUT", tmp_path)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSE_MODELS_DIR", str(tmp_path / "models"))


@pytest.fixture
def present(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    path = tmp_path / "models" / TINY.file
    path.write_bytes(CONTENT)
    return path


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    help_text = capsys.readouterr().out
    for command in ("list", "pull", "add", "verify", "where", "convert", "licences"):
        assert re.search(rf"^    {command} ", help_text, re.MULTILINE)
        assert cli.main([command, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"usage: python -m sidecar models {command} ")


@pytest.mark.parametrize("arguments", [[], ["fly"], ["pull", "--fly"], ["add"], ["where", "a", "b"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    assert "usage: python -m sidecar models" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["pull", "verify", "where"])
def test_unknown_models_end_with_2_and_list_the_known(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "yolo"]) == 2
    assert "no model is called 'yolo'; known: tiny, extra" in capsys.readouterr().err


def test_list(present: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    title, headings, tiny, extra = capsys.readouterr().out.splitlines()
    assert title == "Keypoints"
    assert headings.split() == [
        "name",
        "size",
        "answers",
        "with",
        "accuracy",
        "commercial",
        "use",
        "how",
        "to",
        "get",
        "it",
    ]
    assert re.fullmatch(r"✓  tiny +0\.0 MB +- +- +yes, Apache-2\.0 +(.+)", tiny).group(1) == str(present)  # type: ignore[union-attr]
    assert re.fullmatch(r"·  extra .* models pull extra", extra)


def test_the_list_tells_what_must_be_accepted_and_what_must_be_brought(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = (
        replace(TINY, name="bound", kind="body", commercial_use=False, licence="Research only"),
        replace(TINY, name="own", kind="part", sha256=None, bytes=None, sources=()),
        replace(TINY, name="boxes", kind="persons", skeleton=None, accuracy="COCO box AP 37.0", default=False),
    )
    monkeypatch.setattr(cli, "load_manifest", lambda: Manifest(models))
    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [lines[0], lines[4], lines[8]] == ["Person detectors", "Bodies", "Parts of others"]
    assert re.fullmatch(r"·  boxes  0\.0 MB +boxes +COCO box AP 37\.0  yes, Apache-2\.0  models pull boxes", lines[2])
    assert re.fullmatch(r"·  bound .* no +models pull --accept-licence", lines[6])
    assert re.fullmatch(r"·  own +\? .* models add FILE --as own", lines[10])


def test_list_for_machines(present: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--json"]) == 0
    tiny, extra = json.loads(capsys.readouterr().out)
    assert (tiny["name"], tiny["path"], tiny["sha256"]) == ("tiny", str(present), TINY.sha256)
    assert (extra["name"], extra["path"], extra["default"]) == ("extra", None, False)


def test_pull_brings_the_default_models(tmp_path: Path, local_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_wheel(local_index, {MEMBER: CONTENT})
    assert cli.main(["pull", "--dir", "out"]) == 0
    out, err = capsys.readouterr()
    assert out == f"✓ tiny  {tmp_path / 'out' / TINY.file}  (from wheel tinypose==1.0; sha256 verified)\n"
    assert "wheel tinypose==1.0: asking pip" in err
    assert (tmp_path / "out" / TINY.file).read_bytes() == CONTENT
    assert cli.main(["verify", "--dir", "out"]) == 0


def test_pull_without_dir_goes_where_it_will_be_found(
    tmp_path: Path, local_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_wheel(local_index, {MEMBER: CONTENT})
    assert cli.main(["pull"]) == 0
    capsys.readouterr()
    assert cli.main(["where", "tiny"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'models' / TINY.file}\n"


def test_pull_that_fails_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["pull", "extra"]) == 1
    assert "pose-sidecar models: extra could not be fetched. Tried, in order:" in capsys.readouterr().err


@pytest.mark.parametrize("by_environment", [True, False])
def test_offline(by_environment: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    if by_environment:
        monkeypatch.setenv("POSE_OFFLINE", "1")
    assert cli.main(["pull"] if by_environment else ["pull", "--offline"]) == 1
    assert "offline mode fetches nothing" in capsys.readouterr().err


def test_nowhere_to_write(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("POSE_MODELS_DIR")
    monkeypatch.setenv("POSE_CACHE_DIR", "")
    assert cli.main(["pull"]) == 1
    assert "no usual directory for models can be written; choose one with --dir" in capsys.readouterr().err


def test_interruption_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "pull", interrupt)
    assert cli.main(["pull"]) == 130
    assert "interrupted; nothing unfinished was kept" in capsys.readouterr().err


def test_verify_passes_over_optional_models(present: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"✓ tiny  {present}",
        "· extra  not here, not needed by the default estimator",
    ]
    assert cli.main(["verify", "extra"]) == 1


def test_verify_finds_damage(present: Path, capsys: pytest.CaptureFixture[str]) -> None:
    present.write_bytes(CONTENT[:-1])
    (present.parent / EXTRA.file).write_bytes(b"")
    assert cli.main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "✗ tiny  fetch it with: models pull\n" in out
    assert f"    {present}: truncated (10239 of 10240 bytes)\n" in out
    assert "✗ extra  fetch it with: models pull extra\n" in out


def test_where_lists_the_places_in_their_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["where"]) == 0
    places = capsys.readouterr().out.splitlines()
    assert places == [str(tmp_path / name) for name in ("models", ".models", "cache/models")]


def test_where_says_why_a_model_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["where", "extra"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "extra.tflite: absent" in err
    assert "-m sidecar models pull extra" in err


def test_add(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "brought").write_bytes(OTHER)
    assert cli.main(["add", "brought"]) == 0
    assert (tmp_path / "models" / EXTRA.file).read_bytes() == OTHER
    assert capsys.readouterr().out.startswith(f"✓ extra  {tmp_path / 'models' / EXTRA.file}  (copied from brought")


def test_what_is_pinned_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = TINY.sha256 or ""
    own = replace(TINY, name="own", file="own.bin", sha256=None, bytes=None)
    started = replace(TINY, name="started", file="started.bin", sha256=None, bytes=None, sha256_starts=digest[:8])
    monkeypatch.setattr(cli, "load_manifest", lambda: Manifest((own, started)))
    (tmp_path / "brought").write_bytes(CONTENT)
    assert cli.main(["add", "brought", "--as", "own"]) == 0
    assert f"pinned as sha256 {digest}; its publisher gives no digest)" in capsys.readouterr().out
    assert cli.main(["add", "brought"]) == 0
    told = f"pinned as sha256 {digest}; its publisher gives only {digest[:8]}…, which agrees)"
    assert told in capsys.readouterr().out
    assert cli.main(["add", "brought", "--as", "nobody"]) == 2


def test_licences_are_accepted_by_a_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bound = replace(TINY, commercial_use=False, licence="Research only")
    monkeypatch.setattr(cli, "load_manifest", lambda: Manifest((bound,)))
    (tmp_path / "brought").write_bytes(CONTENT)
    assert cli.main(["add", "brought"]) == 1
    assert "with --accept-licence" in capsys.readouterr().err
    assert cli.main(["add", "brought", "--accept-licence"]) == 0


def test_a_mirror_of_the_environment_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server({f"/{EXTRA.file}": body(OTHER)}).serving() as server:
        monkeypatch.setenv("POSE_MODELS_MIRROR", server.url)
        assert cli.main(["pull", "extra"]) == 0
    assert f"from {server.url}/{EXTRA.file}; sha256 verified" in capsys.readouterr().out
    monkeypatch.setenv("POSE_MODELS_MIRROR", "ftp://x")
    assert cli.main(["pull", "extra"]) == 1
    assert (tmp_path / "models" / EXTRA.file).read_bytes() == OTHER


def run_module(*arguments: str, encoding: str = "utf-8", **popen: object) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "sidecar", "models", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)


def test_licences_of_the_real_manifest_through_the_module() -> None:
    done = run_module("licences")
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert text.count("licence     Apache-2.0, commercial use allowed") == 11
    assert text.count("commercial use not allowed") == 4
    assert "sha256      published only as fc266e95…; pinned when the file first comes" in text
    for card in re.findall(r"card +(.+)", text):
        assert Path(card).is_file()


def test_a_code_page_without_a_tick_is_survived() -> None:
    done = run_module("list", encoding="ascii")
    assert done.returncode == 0, done.stderr
    assert b"?  blazepose-detector" in done.stdout


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    command = [sys.executable, "-m", "sidecar", "models", "licences"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
