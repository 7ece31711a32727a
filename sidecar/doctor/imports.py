"""Try imports where they can do no harm: in a child, because a bad build ends the process that imports it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT_S = 60.0  # of one child; a first import from a slow disk takes seconds, a hang takes for ever

_PACKAGE_HOME = str(Path(__file__).resolve().parents[2])
_CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.probe import import_or_fail
def say(**facts):
    print(json.dumps(facts), file=out, flush=True)
out = sys.stdout
sys.stdout = sys.stderr
for item in sys.argv[2:]:
    module, _, package = item.partition(":")
    say(trying=module)
    try:
        found = import_or_fail(module, package)
    except Failure as failure:
        say(module=module, failure=failure.to_message("importing"))
    else:
        devices = []
        if module == "openvino":
            core = found.Core()
            devices = [[name, core.get_property(name, "FULL_DEVICE_NAME")] for name in core.available_devices]
        say(module=module, version=str(getattr(found, "__version__", "")), devices=devices)
"""


@dataclass(frozen=True)
class Tried:
    """What became of one import.

    Attributes:
        failure: the INIT_FAILED that the daemon would have sent; None: it went well.
        ended: how the child ended, where the import ended it.
        devices: of OpenVINO: (name, what it is).
    """

    module: str
    version: str = ""
    failure: dict[str, Any] | None = None
    ended: str | None = None
    devices: tuple[tuple[str, str], ...] = ()


def try_imports(items: Iterable[tuple[str, str]]) -> dict[str, Tried]:
    """Import each (module, package) in a child; when one ends the child, the others get another."""
    waiting = list(items)
    tried: dict[str, Tried] = {}
    while waiting:
        for one in _try_in_child(waiting):
            tried[one.module] = one
        left = [item for item in waiting if item[0] not in tried]
        if len(left) == len(waiting):  # not even the first was tried: the child itself does not run
            for module, _ in left:
                tried[module] = Tried(module, ended="the child did not start")
            break
        waiting = left
    return tried


def _try_in_child(items: list[tuple[str, str]]) -> list[Tried]:
    arguments = [module + ":" + package for module, package in items]
    ended = None
    try:
        finished = subprocess.run(
            [sys.executable, "-c", _CHILD, _PACKAGE_HOME, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
        output, code = finished.stdout, finished.returncode
        if code:
            ended = f"signal {-code}" if code < 0 else f"exit code {code}"
    except subprocess.TimeoutExpired as error:
        output, ended = error.stdout or b"", f"killed: it took more than {TIMEOUT_S:g} s"
    tried: list[Tried] = []
    trying = None
    for line in output.splitlines():
        facts = json.loads(line)
        if "trying" in facts:
            trying = facts["trying"]
            continue
        trying = None
        devices = tuple((name, what) for name, what in facts.get("devices", ()))
        tried.append(Tried(facts["module"], facts.get("version", ""), facts.get("failure"), None, devices))
    if trying is not None:
        tried.append(Tried(trying, ended=ended or "the child ended"))
    return tried
