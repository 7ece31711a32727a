from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sidecar.doctor import imports
from sidecar.doctor.imports import try_imports


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path of the children."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_each_import_is_told_apart(modules: Path) -> None:
    (modules / "good_one.py").write_text("__version__ = '1.5'\nprint('noise on stdout')\n")
    (modules / "bad_one.py").write_text("1 / 0\n")
    tried = try_imports([("good_one", "g"), ("bad_one", "b"), ("absent_one", "a")])
    assert tried["good_one"].version == "1.5"
    assert tried["good_one"].failure is None
    assert "ZeroDivisionError" in tried["bad_one"].failure["message"]  # type: ignore[index]
    assert tried["absent_one"].failure["package"] == "a"  # type: ignore[index]


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        pytest.param("os.kill(os.getpid(), signal.SIGILL)", "signal 4", id="illegal instruction"),
        pytest.param("os.kill(os.getpid(), signal.SIGSEGV)", "signal 11", id="segmentation fault"),
        pytest.param("os._exit(7)", "exit code 7", id="exit"),
        pytest.param("os._exit(0)", "the child ended", id="a clean exit"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX signals")
def test_an_import_that_ends_the_child_is_named_and_the_others_get_another(
    source: str, ended: str, modules: Path
) -> None:
    (modules / "deadly.py").write_text(f"import os, signal\n{source}\n")
    (modules / "good_one.py").touch()
    tried = try_imports([("json", "j"), ("deadly", "d"), ("good_one", "g")])
    assert tried["deadly"].ended == ended
    assert [tried[name].ended for name in ("json", "good_one")] == [None, None]


def test_an_import_that_hangs_is_killed(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "TIMEOUT_S", 0.5)
    (modules / "endless.py").write_text("import threading\nthreading.Event().wait()\n")
    assert "more than 0.5 s" in str(try_imports([("endless", "e")])["endless"].ended)


def test_a_child_that_does_not_start_is_said_of_every_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "_CHILD", "raise SystemExit(9)")
    tried = try_imports([("json", "j"), ("csv", "c")])
    assert {one.ended for one in tried.values()} == {"the child did not start"}
