"""The 16 bytes, the pins that never change, and the interpreter they must run on."""

from __future__ import annotations

import json
import subprocess

import pytest

from sidecar.wire import header
from sidecar.wire.generated.codes import CODES
from sidecar.wire.limits import HARD_BODY_BYTES, Limits
from tests.old_python import old_python
from tests.paths import ROOT


def test_type_codes_are_those_of_the_schemas_and_never_change() -> None:
    schemas = {path.stem: json.loads(path.read_text()) for path in (ROOT / "protocol" / "schema").glob("*.json")}
    assert {name: schema["x-code"] for name, schema in schemas.items()} == {**header.TYPE_CODES, "frame": None}
    assert header.TYPE_CODES == {
        **{"init": 1, "request": 2, "cancel": 3, "ping": 4, "drain": 5},
        **{"hello": 16, "progress": 17, "ready": 18, "init_failed": 19},
        **{"part": 20, "result": 21, "error": 22, "pong": 23, "bye": 24},
    }


def test_limits_of_the_specification() -> None:
    assert Limits() == (262_144, 33_554_432, 50_331_648, 32, 64_000_000)
    assert HARD_BODY_BYTES == 268_435_456


def test_error_codes_are_those_of_errors_json() -> None:
    written = json.loads((ROOT / "protocol" / "errors.json").read_text())["codes"]
    assert {code: facts._asdict() for code, facts in CODES.items()} == written


def test_a_header_survives_the_round_trip() -> None:
    packed = header.pack_header(21, id=0xFFFFFFFE, meta_bytes=0xFFFFFFFF, body_bytes=1 << 31, flags=1, major=3)
    assert header.unpack_header(packed) == header.Header(21, 1, 0xFFFFFFFE, 0xFFFFFFFF, 1 << 31, 3)


def test_a_wrong_start_is_told_with_its_bytes() -> None:
    with pytest.raises(header.BadMagic, match="a frame starts with f7 d1, got 54 72"):
        header.unpack_header(b"Traceback (most ")


def test_what_hello_needs_runs_onold_python() -> None:
    python = old_python()
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sidecar.wire import header, limits\n"
        "from sidecar.wire.generated import codes\n"
        "data = header.pack_header(header.TYPE_CODES['hello'], meta_bytes=2, body_bytes=0, flags=2)\n"
        "header.check_header(header.unpack_header(data), max_meta_bytes=2, max_body_bytes=0, majors=frozenset({1}))\n"
        "print(data.hex(), limits.Limits().depth, codes.CODES[codes.PYTHON_TOO_OLD].fatal)\n"
    )
    done = subprocess.run([python, "-I", "-c", script, str(ROOT)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["f7d11002" + "00000000" + "00000002" + "00000000", "32", "True"]
