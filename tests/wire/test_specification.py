"""What SPEC.md says in tables is what the code does."""

from __future__ import annotations

import json
import re

from sidecar.bootstrap import exit_codes
from sidecar.wire.generated.codes import CODES
from sidecar.wire.limits import HARD_BODY_BYTES, Limits
from tests.paths import ROOT

SPEC = (ROOT / "protocol" / "SPEC.md").read_text()
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "protocol" / "schema").glob("*.json")}


def test_the_table_of_messages() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \| ([^|]+) \| ([\d, ]+) \|", SPEC, re.MULTILINE)
    table = {
        name.strip(" `"): (sender.strip(), int(code))
        for names, senders, codes in rows
        for name, sender, code in zip(names.split(","), senders.split(","), codes.split(","), strict=True)
    }
    framed = {name: schema for name, schema in SCHEMAS.items() if schema["x-code"] is not None}
    assert table == {name: (schema["x-direction"].split("->")[0], schema["x-code"]) for name, schema in framed.items()}


def test_the_table_of_limits() -> None:
    limits = Limits()
    for row in (
        f"| `meta_bytes` | {limits.meta_bytes // 1024} KiB |",
        f"| `body_bytes` | {limits.body_bytes // 1024**2} MiB (never over {HARD_BODY_BYTES // 1024**2} MiB) |",
        f"| `line_bytes` | {limits.line_bytes // 1024**2} MiB |",
        f"| `depth` | {limits.depth} |",
        f"| `pixels` | {limits.pixels:,} |".replace(",", " "),
    ):
        assert row in SPEC


def test_the_exit_codes() -> None:
    named = {
        0: exit_codes.FINISHED,
        1: exit_codes.DEFECT,
        2: exit_codes.USAGE,
        3: exit_codes.INIT_FAILED,
        4: exit_codes.WIRE_FAULT,
        5: exit_codes.PEER_GONE,
    }
    sentence = SPEC.partition("Exit codes: ")[2].partition("\n\n")[0]
    assert {int(code) for code in re.findall(r"(?:^|; )(\d) ", " ".join(sentence.split()))} == set(named)
    assert all(said == meant for said, meant in named.items())


def test_every_error_code_it_names_exists() -> None:
    words = set(re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b|\b(?:CANCELLED|DRAINING|INTERNAL)\b", SPEC))
    others = {"META_IS_JSON", "PR_SET_PDEATHSIG", "POSE_SIDECAR_NONCE"}
    assert words - others <= set(CODES)


def test_every_message_that_needs_an_answer_says_where_it_comes_from() -> None:
    for name, schema in SCHEMAS.items():
        assert schema["x-direction"] in ("client->daemon", "daemon->client"), name
        assert schema["additionalProperties"] is True, f"[W-04] {name} must let later keys through"
