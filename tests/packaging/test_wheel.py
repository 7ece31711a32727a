"""The built wheel in an environment and a folder of its own: no checkout, nothing of ours around it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.bootstrap.argv import SUBCOMMANDS
from tests.paths import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [built] = folder.glob("pose_sidecar-*.whl")
    return built


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a Python of its own in an empty folder: our package from the wheel, the others from this environment."""
    venv = tmp_path_factory.mktemp("an environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    packages = Path(site.strip())
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        ours = entry.name.lower().startswith(("pose_sidecar", "_pose_sidecar", "__editable__"))
        if not ours and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    empty = tmp_path_factory.mktemp("empty")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POSE_", "PYTHON"))}
    env = {**kept, "POSE_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}

    def run_python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(python), *arguments]
        return subprocess.run(
            command,
            cwd=empty,
            env={**env, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run_python


def test_it_holds_its_data_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tracked = subprocess.check_output(["git", "ls-files", "sidecar", "protocol/schema"], cwd=ROOT, text=True).split()
    moved = [name.replace("protocol/", "sidecar/_data/protocol/", 1) for name in tracked]
    assert set(moved) <= set(names)
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"sidecar"}
    for data in ("models/manifest.json", "protocol/errors.json", "requirements-core.txt", "requirements.txt"):
        assert f"sidecar/_data/{data}" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_it_says_hello_and_ready(run: Run) -> None:
    finished = run("-m", "sidecar", "--estimator", "null")
    messages = [json.loads(line) for line in finished.stdout.splitlines()]
    assert (finished.returncode, messages[0]["type"], messages[-1]["type"]) == (0, "hello", "ready")
    assert {one["package"] for one in messages[-1]["imports"]} >= {"numpy", "openvino", "torch"}


def test_it_runs_from_the_wheel_and_not_from_the_checkout(run: Run) -> None:
    [where] = run("-c", "import sidecar; print(sidecar.__file__)").stdout.splitlines()
    assert not Path(where).is_relative_to(ROOT)


def test_without_weights_it_names_the_command(run: Run) -> None:
    finished = run("-m", "sidecar", HOME="/nonexistent")
    [*_, last] = [json.loads(line) for line in finished.stdout.splitlines()]
    assert (finished.returncode, last["type"], last["code"]) == (3, "init_failed", "MODEL_MISSING")
    assert "models pull" in last["command"]


def test_it_lists_the_models(run: Run) -> None:
    finished = run("-m", "sidecar", "models", "list")
    assert finished.returncode == 0, finished.stderr
    assert "blazepose-full" in finished.stdout


def test_it_makes_a_sample_with_its_truth_and_a_video_of_it(run: Run, tmp_path: Path) -> None:
    sample = tmp_path / "sample.mp4"
    made = run("-m", "sidecar", "sample", str(sample), "--people", "1", "--seconds", "0.5", "--seed", "7")
    assert made.returncode == 0, made.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"sample.mp4", "sample.truth.json"}
    out = tmp_path / "out"
    watched = run("-m", "sidecar", "video", str(sample), "--out", str(out), "--estimator", "null")
    assert watched.returncode == 0, watched.stderr
    [result] = out.glob("video_*")
    assert {path.name for path in result.iterdir()} == {"poses.jsonl", "summary.json", "overlay.mp4"}


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    finished = run("-m", "sidecar", command, "--help")
    assert finished.returncode == 0, finished.stderr
    assert "usage" in finished.stdout.lower()
