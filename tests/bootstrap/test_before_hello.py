"""Before HELLO: the standard library alone, and an interpreter that may be too old."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.old_python import old_python
from tests.paths import ROOT

FORBIDDEN = ("argparse", "asyncio", "ctypes", "logging", "platform", "socket", "subprocess", "traceback", "unittest")


def run(python: str, *arguments: str, text: bytes = b"", cwd: Path = ROOT) -> tuple[list[dict[str, Any]], int, str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([python, *arguments], cwd=cwd, env=env, input=text, capture_output=True, timeout=50)
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode, done.stderr.decode()


def test_hello_needs_the_standard_library_alone_and_little_of_it() -> None:
    program = (
        "import sys, json\n"
        "from sidecar.bootstrap import argv, start\n"
        "start.say_hello(argv.parse_serve(['--wire', 'frames']))\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-S", "-c", program], env=env, capture_output=True, timeout=50, cwd=ROOT)
    assert done.stdout[:1] == b"\xf7"
    loaded = set(json.loads(done.stderr))
    known = set(sys.stdlib_module_names) | {"__main__"}
    assert {name for name in loaded if name.split(".")[0] not in known | {"sidecar"}} == set()
    assert loaded & set(FORBIDDEN) == set(), "each of these costs milliseconds before HELLO"


def test_an_old_interpreter_says_hello_and_what_it_lacks() -> None:
    python = old_python()
    text = b'{"type":"frame","id":4,"path":"x"}\nnot json\n[[\n{"type":"frame","id":true}\n\n'
    messages, code, stderr = run(python, "-m", "sidecar", text=text)
    hello, failed, *answers = messages
    assert hello["type"] == "hello"
    assert hello["python"].startswith("3.8.")
    assert (failed["code"], failed["phase"], failed["interpreter"], code) == ("PYTHON_TOO_OLD", "hello", python, 3)
    assert failed["details"]["needed"] == "3.11"
    assert hello["python"] in failed["message"]
    assert "3.11" in failed["message"]
    assert "python3.11 -m venv .venv" in failed["hint"]
    assert [(one["code"], one["id"], one["details"]["cause"]) for one in answers] == [
        ("NOT_READY", 4, "PYTHON_TOO_OLD"),
        *[("NOT_READY", None, "PYTHON_TOO_OLD")] * 3,
    ]
    assert "PYTHON_TOO_OLD" in stderr
    assert "Traceback" not in stderr


def test_an_old_interpreter_speaks_frames_too() -> None:
    command = [old_python(), "-m", "sidecar", "--wire", "frames"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, input=b"\xf7" * 999, capture_output=True, timeout=50)
    assert done.stdout[:2] == b"\xf7\xd1"
    assert b'"PYTHON_TOO_OLD"' in done.stdout
    assert done.returncode == 3


@pytest.mark.parametrize("flags", [["--help"], ["--version"], ["--wire", "pigeon"]])
def test_an_old_interpreter_reads_the_command_line(flags: list[str]) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([old_python(), "-m", "sidecar", *flags], cwd=ROOT, env=env, capture_output=True, timeout=50)
    assert (done.returncode, b"Traceback" in done.stderr) == (2 if "pigeon" in flags else 0, False)


def test_a_module_beside_the_pictures_is_not_imported(tmp_path: Path) -> None:
    for name in ("numpy", "cv2", "loguru"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the working directory')")
    messages, code, stderr = run(sys.executable, "-m", "sidecar", "--estimator", "null", cwd=tmp_path)
    assert (messages[-1]["type"], code) == ("ready", 0), stderr
