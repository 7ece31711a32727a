"""`python -m sidecar models convert`: what it prints, what it refuses, how it ends. Without torch."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sidecar.checkpoints.reading import read_state_dict
from sidecar.checkpoints.safetensors_file import write_safetensors
from sidecar.cli import models
from sidecar.weights.store import sha256_of
from tests.checkpoints.makers import mapping, tensor, write_torch
from tests.estimators.hmr2.layout import tiny_checkpoint
from tests.estimators.vitpose.makers import original_state
from tests.paths import ROOT
from tests.restricted_pickle.attacks import opcodes as op


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    write_safetensors(tmp_path / "hmr2b.ckpt", tiny_checkpoint(), {})
    return tmp_path / "hmr2b.ckpt"


def test_it_says_what_it_wrote_and_how_it_is_used(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = checkpoint.with_name("b.safetensors")
    assert models.main(["convert", str(checkpoint), str(target)]) == 0
    first, digest, source, use = capsys.readouterr().out.splitlines()
    size, tensors = target.stat().st_size, len(read_state_dict(target))
    assert first == f"✓ HMR2.0  {target}  ({tensors} tensors, {size} bytes)"
    assert digest.split() == ["sha256", sha256_of(target)]
    assert source.endswith(f"{checkpoint}, sha256 {sha256_of(checkpoint)}")
    assert use.endswith(f'-m sidecar models add "{target}" --as hmr2b, or hmr2a')


def test_vitpose_is_used_by_its_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_safetensors(tmp_path / "s.pth", original_state("small", "simple"), {})
    assert models.main(["convert", str(tmp_path / "s.pth"), str(tmp_path / "s.safetensors")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("✓ ViTPose of 384 channels, simple head  ")
    assert f'--estimator vitpose --option file="{tmp_path / "s.safetensors"}"' in out


def test_an_hmr2_that_was_converted_can_be_added(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target, places = tmp_path / "b.safetensors", tmp_path / "models"
    assert models.main(["convert", str(checkpoint), str(target)]) == 0
    add = ["add", str(target), "--as", "hmr2b", "--dir", str(places), "--accept-licence"]
    assert models.main(add) == 0, capsys.readouterr().err
    assert models.main(["verify", "hmr2b", "--dir", str(places)]) == 0
    assert read_state_dict(places / "hmr2b.ckpt").keys() == read_state_dict(target).keys()


def test_a_target_that_is_there_needs_force(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = checkpoint.with_name("b.safetensors")
    target.write_bytes(b"mine")
    assert models.main(["convert", str(checkpoint), str(target)]) == 1
    assert capsys.readouterr().err == f"pose-sidecar models: {target} exists already; --force replaces it\n"
    assert target.read_bytes() == b"mine"
    assert models.main(["convert", str(checkpoint), str(target), "--force"]) == 0
    assert target.read_bytes() != b"mine"
    assert models.main(["convert", str(target), str(target), "--force"]) == 1
    assert capsys.readouterr().err == f"pose-sidecar models: {target} is the source itself\n"


@pytest.mark.parametrize(
    "arguments", [[], ["a.pth"], ["a.pth", "b.pth"], ["a.pth", "b.safetensors", "--fly"], ["a", "b.safetensors", "c"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert models.main(["convert", *arguments]) == 2
    assert "usage: python -m sidecar models" in capsys.readouterr().err


class _Runs:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def hostile(path: Path) -> None:
    index = pickle.dumps({"keypoint_head.a": _Runs(path.with_suffix(".ran"))}, protocol=2)
    write_torch(path, index)


def truncated(path: Path) -> None:
    write_safetensors(path, tiny_checkpoint(), {})
    path.write_bytes(path.read_bytes()[:-4])


def another_family(path: Path) -> None:
    write_torch(path, op.pickle(mapping({"conv1.weight": tensor()})))


BAD: dict[str, tuple[Any, str]] = {
    "code": (hostile, "keypoint_head.a of its state dict is no tensor"),
    "a cut": (truncated, "the file has"),
    "a page": (lambda path: path.write_text("<html>sign in</html>"), "neither a torch file nor a safetensors file"),
    "another family": (another_family, "is neither ViTPose nor HMR2.0; its first tensor is conv1.weight"),
    "nothing": (lambda path: None, "cannot be read: No such file or directory"),
    "a folder": (lambda path: path.mkdir(), "cannot be read: it is no regular file"),
}
if hasattr(os, "mkfifo"):
    BAD["a pipe"] = (os.mkfifo, "cannot be read: it is no regular file")


@pytest.mark.parametrize(("make", "says"), BAD.values(), ids=BAD)
def test_a_bad_source_ends_with_1_and_leaves_nothing(
    make: Any, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in" / "a.pth", tmp_path / "out" / "a.safetensors"
    source.parent.mkdir()
    target.parent.mkdir()
    make(source)
    assert models.main(["convert", str(source), str(target)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"pose-sidecar models: {source}: ")
    assert says in said.err
    assert list(target.parent.iterdir()) == []
    assert not source.with_suffix(".ran").exists(), "code of the file was run"


def test_another_digest_is_refused(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = checkpoint.with_name("b.safetensors")
    assert models.main(["convert", str(checkpoint), str(target), "--sha256", "ab" * 32]) == 1
    assert re.search(r"has sha256 [0-9a-f]{64}, not (ab){32}", capsys.readouterr().err)
    assert models.main(["convert", str(checkpoint), str(target), "--sha256", sha256_of(checkpoint).upper()]) == 0


def test_a_folder_that_is_not_there(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = checkpoint.parent / "absent" / "b.safetensors"
    assert models.main(["convert", str(checkpoint), str(target)]) == 1
    said = capsys.readouterr().err
    assert said == f"pose-sidecar models: {target} cannot be written (No such file or directory)\n"


def test_it_needs_no_torch(checkpoint: Path) -> None:
    script = (
        "import sys; sys.modules['torch'] = None; from sidecar.cli.models import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "convert", str(checkpoint), str(checkpoint.with_suffix(".safetensors"))]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == 0
