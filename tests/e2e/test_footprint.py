"""Starting opens no network socket, starts no process, and writes nothing but our cache."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.child import daemon_command
from tests.paths import FIXTURES, ROOT, needs_shared
from tests.readiness.expect import skip_without_weights

HOOKS = Path(__file__).parent / "footprint"  # its sitecustomize.py adds an audit hook


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def footprint(tmp_path: Path, home: Path, text: bytes, *flags: str) -> list[tuple[str, str]]:
    """What the audit hook saw of one session by hand: kind and subject."""
    log = tmp_path / "footprint.log"
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    env = {
        **kept,
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(HOOKS), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "POSE_MODELS_DIR": str(skip_without_weights()),
        "FOOTPRINT_LOG": str(log),
    }
    command = daemon_command(*flags)
    done = subprocess.run(command, cwd=home, env=env, input=text, capture_output=True, timeout=50)
    assert done.returncode == 0, done.stdout + done.stderr
    return [(kind, what) for kind, _, what in (line.partition(" ") for line in log.read_text().splitlines())]


@needs_shared
@pytest.mark.skipif(sys.platform == "win32", reason="platform: HOME is POSIX")
def test_a_start_and_a_picture_leave_nothing_but_the_cache(tmp_path: Path, home: Path) -> None:
    picture = json.dumps({"type": "frame", "id": 1, "path": str(FIXTURES / "images" / "000000000785.jpg")})
    seen = footprint(tmp_path, home, picture.encode())
    cache = home / ".cache" / "pose-sidecar"
    assert [entry.name for entry in home.iterdir()] == [".cache"]
    assert [entry.name for entry in (home / ".cache").iterdir()] == ["pose-sidecar"]
    allowed = {os.devnull, str(cache.parent)}  # .cache itself, where there was none
    elsewhere = [
        (kind, what)
        for kind, what in seen
        if not (kind in ("write", "change") and (what in allowed or Path(home, what).is_relative_to(cache)))
    ]
    assert elsewhere == []


@pytest.mark.skipif(sys.platform == "win32", reason="platform: HOME is POSIX")
def test_the_hook_sees_what_it_is_there_to_see(tmp_path: Path, home: Path) -> None:
    """A check that cannot fail is none: the same hook, a program that does all of it."""
    log = tmp_path / "footprint.log"
    program = (
        "import pathlib, socket, subprocess, sys\n"
        "pathlib.Path('written').touch()\n"
        "subprocess.run([sys.executable, '-S', '-c', ''])\n"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(HOOKS), "FOOTPRINT_LOG": str(log)}
    subprocess.run([sys.executable, "-c", program], cwd=home, env=env, check=True, timeout=50)
    kinds = {line.partition(" ")[0] for line in log.read_text().splitlines()}
    assert kinds >= {"write", "process", "socket"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: /proc is Linux's")
def test_native_code_opens_no_socket_either(tmp_path: Path, home: Path) -> None:
    """The hook hears Python only; the kernel's list of descriptors hears all."""
    ours, theirs = socket.socketpair()
    env = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT), "POSE_MODELS_DIR": str(skip_without_weights())}
    env.pop("XDG_CACHE_HOME", None)
    env.pop("POSE_CACHE_DIR", None)
    pipe = subprocess.PIPE
    with (
        ours,
        subprocess.Popen(
            daemon_command(), env=env, stdin=theirs.fileno(), stdout=pipe, stderr=subprocess.DEVNULL
        ) as process,
    ):
        theirs.close()
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["type"] != "ready":
            pass
        links = [str(entry.readlink()) for entry in Path("/proc", str(process.pid), "fd").iterdir()]
        assert sum(link.startswith("socket:") for link in links) == 1, "the client's, and no other"
        ours.close()
        assert process.wait(20) == 0
