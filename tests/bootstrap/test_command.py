"""Commands end with the right exit code and one line, whatever happens to their output, their packages or the user."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.old_python import old_python
from tests.paths import ROOT

# One of each: prints at once, prints at its end, prints JSON, prints from the bootstrap.
COMMANDS = [["models", "list"], ["models", "licences"], ["where", "pyproject.toml"], ["doctor", "--json"], ["--help"]]

posix_only = pytest.mark.skipif(os.name == "nt", reason="platform: no POSIX descriptors")


def shell(
    line: str, *, python: str = sys.executable, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a shell line in which $SIDECAR is `python -m sidecar`."""
    return subprocess.run(
        ["sh", "-c", line.replace("$SIDECAR", f'"{python}" -m sidecar')],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@posix_only
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_reader_that_leaves_ends_it_without_a_word(command: list[str], unbuffered: str) -> None:
    # Standard output is a pipe whose reader is gone before the first byte.
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "sidecar", *command],
        cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, stdout=writing, stderr=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@posix_only
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="platform: no /dev/full")
@pytest.mark.parametrize("command", ["models list", "doctor", "--version"])
def test_a_full_disk_under_the_output_is_one_line(command: str) -> None:
    done = shell(f"$SIDECAR {command} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.endswith("the output cannot be written: No space left on device\n")
    assert done.stderr.count("\n") == 1


@posix_only
@pytest.mark.parametrize("command", ["models list", "doctor", "--help"])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_descriptors_may_be_closed(command: str, closed: str) -> None:
    open_ones = shell(f"$SIDECAR {command}")
    done = shell(f"$SIDECAR {command} {closed}")
    assert (done.returncode, done.stderr) == (open_ones.returncode, "")


@posix_only
def test_a_file_never_gets_the_number_of_a_closed_descriptor(tmp_path: Path) -> None:
    done = shell(f"$SIDECAR sample '{tmp_path}/a.mp4' --seconds 0.1 --size 64x48 >&- 2>&-")
    assert done.returncode == 0
    assert b"3 frames, 64x48" not in (tmp_path / "a.mp4").read_bytes()
    assert (tmp_path / "a.truth.json").read_bytes().startswith(b"{")


@pytest.mark.parametrize(
    ("module", "package", "command"),
    [
        ("filelock", "filelock", "models list"),
        ("rich", "rich", "sample a.mp4"),
        ("cv2", "opencv-python-headless", "sample a.mp4"),
        ("orjson", "orjson", "replay a.rec"),
        ("numpy", "numpy", "where a.mp4"),
    ],
)
def test_a_missing_module_is_named_with_what_installs_it(
    module: str, package: str, command: str, tmp_path: Path
) -> None:
    stand_in = f"raise ModuleNotFoundError('No module named {module}', name={module!r})\n"
    (tmp_path / f"{module}.py").write_text(stand_in, encoding="utf-8")
    done = shell(f"$SIDECAR {command}", PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert done.stderr.startswith(f"pose-sidecar {command.split()[0]}: IMPORT_FAILED: ")
    assert module in done.stderr
    assert "Traceback" not in done.stderr


@posix_only
@pytest.mark.parametrize("name", ["POSE_CACHE_DIR", "POSE_MODELS_DIR", "POSE_SERVICE_PATH", "POSE_LOG_DIR"])
@pytest.mark.parametrize("command", ["models where", "doctor", "where pyproject.toml --estimator null"])
def test_a_home_that_nobody_has_is_no_traceback(tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / "pyproject.toml").touch()  # relative, as the cache that is made where it runs
    path = {"PYTHONPATH": str(ROOT)}
    done = shell(f"$SIDECAR {command}", cwd=tmp_path, **path, **{name: "~nobody-of-this-name/x"})
    assert "Traceback" not in done.stderr
    assert done.returncode == shell(f"$SIDECAR {command}", cwd=tmp_path, **path).returncode or command == "doctor"


def test_a_relative_cache_home_is_ignored(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from sidecar.bootstrap.cache import cache_root; print(cache_root())"],
        cwd=ROOT, env={**os.environ, "XDG_CACHE_HOME": "relative"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert "relative" not in done.stdout


@posix_only
@pytest.mark.skipif(sys.platform != "linux", reason="platform: file names are text")
def test_names_that_are_no_text_come_out_as_they_went_in(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    Path(os.fsdecode(folder)).mkdir()
    run = subprocess.run(
        [sys.executable.encode(), b"-m", b"sidecar", b"sample", folder + b"/\xff.mp4", b"--seconds", b"0.1"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(folder + b"/\xff.mp4 ")
    clip, out = folder + b"/\xff.mp4", folder + b"/out"
    run = subprocess.run(
        [sys.executable.encode(), b"-m", b"sidecar", b"video", clip, b"--out", out, b"--estimator", b"null"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert Path(os.fsdecode(run.stdout.strip()), "poses.jsonl").is_file()


@pytest.mark.parametrize("command", ["models list", "video a.mp4 --out .", "where a.mp4", "sample a.mp4", "replay a"])
def test_an_old_interpreter_is_named(command: str) -> None:
    done = shell(f"$SIDECAR {command}", python=old_python())
    assert done.returncode == 3
    assert "PYTHON_TOO_OLD: Python 3.11 or newer is needed" in done.stderr
    assert "Traceback" not in done.stderr


@posix_only
@pytest.mark.parametrize("command", ["doctor", "models list", "replay a"])
def test_ctrl_c_at_any_import_is_one_line(command: str, tmp_path: Path) -> None:
    # The interpreter imports the first third-party module of a command: that is the moment the key is pressed.
    press = f"import os, signal; os.kill(os.getpid(), {signal.SIGINT.value})\n"
    for module in ("filelock", "numpy", "orjson"):
        (tmp_path / f"{module}.py").write_text(press, encoding="utf-8")
    done = shell(f"exec $SIDECAR {command}", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (130, f"pose-sidecar {command.split()[0]}: interrupted\n")


@posix_only
def test_a_deleted_working_directory_is_named_by_commands_and_left_by_the_daemon(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    line = f"mkdir '{gone}' && cd '{gone}' && rmdir '{gone}' && exec $SIDECAR "
    done = shell(line + "models list", PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("pose-sidecar: the working directory was deleted; change to one that exists\n")
    done = shell(line + "--estimator null </dev/null", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert '"type":"ready"' in done.stdout
