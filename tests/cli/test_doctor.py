"""`python -m sidecar doctor`, on patients with several illnesses at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.old_python import old_python
from tests.paths import ROOT
from tests.readiness.expect import skip_without_weights
from tests.readiness.scratch import Scratch
from tests.readiness.wheelhouse import repack

FIVE = ["Python", "virtual environment", "OpenCV (cv2)", "NumPy", "model weights"]


def examine(scratch: Scratch, *flags: str, **environment: str) -> tuple[int, str]:
    finished = scratch.run("doctor", *flags, **environment)
    assert finished.stderr == b""
    return finished.returncode, finished.stdout.decode()


def findings(report: str) -> dict[str, dict[str, Any]]:
    return {finding["name"]: finding for finding in json.loads(report)["findings"]}


def test_a_healthy_installation_can_start(tmp_path: Path) -> None:
    skip_without_weights()
    code, report = examine(Scratch(tmp_path), "--json")
    assert code == 0
    assert json.loads(report)["ok"] is True
    assert list(findings(report))[:5] == FIVE
    assert [findings(report)[name]["status"] for name in FIVE] == ["ok"] * 5
    groups = [finding["group"] for finding in json.loads(report)["findings"]]
    wanted = ["the five checks", "interpreter", "packages", "further estimators", "machine", "folders"]
    assert list(dict.fromkeys(groups)) == wanted
    assert "device CPU" in findings(report)


def test_every_illness_is_found_at_once_and_each_has_its_fix(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["opencv-python-headless", "opencv-python", "orjson"])
    scratch.add("psutil-notes", "1.0", {"notes.py": ""})
    (tmp_path / "file").touch()
    code, report = examine(scratch, "--json", POSE_CACHE_DIR=str(tmp_path / "file" / "cache"))
    found = findings(report)
    assert code == 1
    assert found["OpenCV (cv2)"]["status"] == "problem"
    assert found["orjson"]["status"] == "problem"
    assert found["cache"]["status"] == "warning"
    assert all(finding["hint"] for finding in found.values() if finding["status"] != "ok")
    assert found["OpenCV (cv2)"]["command"] == found["orjson"]["command"], "one command for all that is absent"
    for package in ("opencv-python-headless", "orjson"):
        repack(package, tmp_path / "wheels")
    scratch.obey(found["orjson"]["command"], wheels=tmp_path / "wheels")
    _, report = examine(scratch, "--json")
    assert (findings(report)["OpenCV (cv2)"]["status"], findings(report)["orjson"]["status"]) == ("ok", "ok")


def test_what_starting_does_not_need_is_a_warning(tmp_path: Path) -> None:
    skip_without_weights()
    code, report = examine(Scratch(tmp_path, hidden=["rich"]), "--json")
    assert findings(report)["rich"]["status"] == "warning"
    assert code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX signals")
def test_a_module_that_ends_the_process_does_not_end_the_doctor(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["numpy"])
    source = "import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n"
    scratch.add("numpy", "2.4.6", {"numpy/__init__.py": source})
    code, report = examine(scratch, "--json")
    assert code == 1
    assert "signal 4" in findings(report)["NumPy"]["detail"]
    assert findings(report)["orjson"]["status"] == "ok"


def test_people_get_signs_and_fixes(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["orjson", "msgpack"])
    code, text = examine(scratch, PYTHONIOENCODING="utf-8")
    lines = text.splitlines()
    assert code == 1
    assert [line.split()[0] for line in lines[1:5]] == ["✓"] * 4
    at = next(index for index, line in enumerate(lines) if line.startswith("  ✗ msgpack"))
    assert "fix: Run: " in lines[at + 1]
    assert text.count("-m pip install") == 1, "the same fix is not printed twice"
    assert "fix: the same as for msgpack" in text
    assert lines[-1].startswith("The default model cannot start.")


def test_a_terminal_without_check_marks_gets_letters(tmp_path: Path) -> None:
    _, text = examine(Scratch(tmp_path), PYTHONIOENCODING="ascii")
    assert "  ok NumPy" in text


def test_an_old_interpreter_gets_a_report_too() -> None:
    finished = subprocess.run(
        [old_python(), "-m", "sidecar", "doctor", "--json"], capture_output=True, cwd=ROOT, check=False
    )
    assert finished.returncode == 1, finished.stderr.decode()
    assert findings(finished.stdout.decode())["Python"]["status"] == "problem"


def test_help_documents_the_exit_codes_and_a_wrong_flag_is_code_2(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    assert "Exit code 0" in scratch.run("doctor", "--help").stdout.decode()
    assert scratch.run("doctor", "--jason").returncode == 2
