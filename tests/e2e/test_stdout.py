"""Whatever a process can print, the wire stays clean."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.child import PIXEL, pixel, request
from tests.e2e.conftest import Start

PRINTED = [
    "printed by Python",
    "written without a line feed",
    "printed by C",
    "written to descriptor 1",
    "printed by a grandchild",
]


@pytest.mark.skipif(sys.platform == "win32", reason="platform: the C library of POSIX")
@pytest.mark.parametrize("wire", ["frames", "jsonl"])
def test_what_an_estimator_prints_goes_to_stderr(start: Start, wire: str) -> None:
    child = start("--estimator", "odd", "--option", "does=prints", wire=wire)
    if wire == "frames":
        child.init("odd")
        child.send(request(1), PIXEL)
    else:
        child.until("ready")
        child.send(pixel(1))
    assert child.receive().message["type"] == "result"
    child.send({"type": "drain"})
    assert [received.message["type"] for received in child.rest()] == ["bye"]
    child.close_input()
    assert child.exit_code() == 0
    for words in (*PRINTED, "''"):  # '' is what a grandchild read from its stdin
        child.until_stderr(words)


@pytest.mark.skipif(sys.platform == "win32", reason="platform: a POSIX shell")
@pytest.mark.parametrize("closed", ["2>&-", "0<&-", "0<&- 2>&-", "1>&-", "0<&- 1>&- 2>&-"])
def test_closed_descriptors_are_no_descriptors_of_ours(closed: str) -> None:
    command = f'"{sys.executable}" -m sidecar --estimator null </dev/null {closed}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    if "1>" not in closed:
        assert done.stdout.splitlines()[0].startswith(b'{"type":"hello"')
        assert done.stdout.splitlines()[-1].startswith(b'{"type":"ready"')
