"""Writes down every socket and every file opened for writing by this interpreter; see test_footprint.py."""

import os
import sys

_LOG = os.open(os.environ["FOOTPRINT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SOCKETS = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_PROCESSES = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec")
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "os.chmod", "os.truncate")


def _watch(event: str, details: tuple[object, ...]) -> None:
    if event == "open" and isinstance(details[2], int) and details[2] & _WRITING:
        if not isinstance(details[0], int):  # a descriptor: it was noted when it was opened
            _note("write", details[0])
    elif event in _CHANGES:
        _note("change", details[0])
    elif event in _SOCKETS:
        _note("socket", details[1:])
    elif event in _PROCESSES:
        _note("process", details[0])


def _note(kind: str, what: object) -> None:
    os.write(_LOG, f"{kind} {what}\n".encode())


sys.addaudithook(_watch)
