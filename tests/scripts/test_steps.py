"""What every script is made of: steps that are never silent, and the choice of an interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.old_python import old_python
from tests.paths import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="platform: bash scripts")


def bash(program: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", f"set -euo pipefail; source scripts/steps.sh; {program}"],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def fake_python(folder: Path, name: str, exit_code: int) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    program.chmod(0o755)
    return program


def test_the_first_interpreter_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", 1)
    fitting = fake_python(tmp_path, "python3.12", 0)
    assert bash("find_python", PATH=f"{tmp_path}:/bin", POSE_PYTHON="").stdout.strip() == str(fitting)


def test_without_any_the_error_says_how_to_name_one(tmp_path: Path) -> None:
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        fake_python(tmp_path, name, 1)
    run = bash("python=$(find_python); echo not reached", PATH=f"{tmp_path}:/bin", POSE_PYTHON="")
    assert (run.returncode, run.stdout) == (1, "")
    assert "No Python 3.11 or newer on PATH" in run.stderr
    assert "POSE_PYTHON=" in run.stderr


@pytest.mark.parametrize("kind", ["missing", "too old"])
def test_one_that_was_named_is_not_passed_over(kind: str) -> None:
    named = "/nope/python" if kind == "missing" else old_python()
    run = bash("python=$(find_python); echo not reached", POSE_PYTHON=named)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.strip() == f"POSE_PYTHON={named} is no Python 3.11 or newer. Name another one, or unset it."


def test_one_that_was_named_is_taken_with_spaces_in_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "with spaces"
    folder.mkdir()
    named = fake_python(folder, "my python", 0)
    assert bash("find_python", POSE_PYTHON=str(named)).stdout.strip() == str(named)


def test_a_failed_step_shows_the_end_of_its_output_and_stops_the_script(tmp_path: Path) -> None:
    run = bash('step "Bad one" sh -c "echo the reason; exit 3"; echo not reached', TMPDIR=str(tmp_path))
    assert run.returncode == 1
    assert "✗ Bad one failed" in run.stdout
    assert "the reason" in run.stdout
    assert "not reached" not in run.stdout


def test_a_silent_step_tells_that_it_is_still_at_work(tmp_path: Path) -> None:
    lines = bash('step "Long one" sleep 3', TMPDIR=str(tmp_path)).stdout.splitlines()
    assert lines[0].startswith("  … Long one (")
    assert lines[-1].startswith("  ✓ Long one (")


def test_a_silent_command_is_heard_and_its_exit_code_kept() -> None:
    program = "import sys, time; print('first', flush=True); time.sleep(3); print('last'); sys.exit(7)"
    run = bash('aloud "$PYTHON" -c "$PROGRAM"', PYTHON=sys.executable, PROGRAM=program)
    assert run.returncode == 7
    first, still, last = run.stdout.splitlines()
    assert (first, last) == ("first", "last")
    assert still.startswith("  … still at it (")


def test_without_npm_setup_says_so_before_it_does_anything(tmp_path: Path) -> None:
    for tool in ("dirname", "mkdir", "bash"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}" if Path(f"/bin/{tool}").exists() else f"/usr/bin/{tool}")
    run = subprocess.run(
        ["/bin/bash", ROOT / "scripts" / "setup"],
        env={"PATH": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("No npm on PATH. Install Node.js")
