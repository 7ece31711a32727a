"""Both halves make the same of the same bytes: what one writes the other reads, and they refuse the same."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections import Counter
from random import Random
from typing import Any

import pytest

from sidecar.wire.frames import encode_frame, read_frame
from sidecar.wire.header import WireError
from sidecar.wire.plain import MAX_INTEGER
from tests.paths import ROOT
from tests.wire.random_frames import stream

PROGRAMS = ROOT / "node-client" / "test" / "wire" / "fuzz"
STREAMS = 3000
MESSAGES = 1000


def verdict(data: bytes) -> dict[str, Any]:
    """Return the frames in a stream and the fault that ended it, as judge.ts prints them."""
    source, frames = io.BytesIO(data), []
    try:
        while (frame := read_frame(source)) is not None:
            frames.append({"message": frame.message, "body": frame.body.hex()})
    except WireError as error:
        return {"frames": frames, "fault": type(error).__name__}
    return {"frames": frames}


def run_node(program: str, *arguments: object, stdin: str = "") -> list[dict[str, Any]]:
    """Run one of the programs beside the TypeScript tests and return its lines."""
    node = shutil.which("node", path=str(ROOT / "node_modules" / ".bin"))
    if node is None:
        pytest.skip("the Node packages are absent: scripts/setup")
    command = [node, str(PROGRAMS / program), *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line, parse_int=_number) for line in done.stdout.split("\n") if line]


def _number(digits: str) -> float:
    """JavaScript prints a double such as 1e20 with all its digits; no integer of the data model is that large."""
    value = int(digits)
    return value if abs(value) <= MAX_INTEGER else float(digits)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_verdict_on_the_same_bytes(seed: int) -> None:
    random = Random(seed)
    streams = [stream(random) for _ in range(STREAMS)]
    theirs = run_node("judge.ts", stdin="".join(f"{data.hex()}\n" for data in streams))
    ours = [verdict(data) for data in streams]
    differing = [(data, our, their) for data, our, their in zip(streams, ours, theirs, strict=True) if our != their]
    assert not differing, f"{len(differing)} of {STREAMS} differ; the first: {differing[0]}"
    faults = Counter(our.get("fault") for our in ours)
    assert faults.keys() >= {None, "MalformedMeta", "BadMagic", "UnknownType", "FrameTruncated", "FrameTooLarge"}
    assert sum(len(our["frames"]) for our in ours) > STREAMS // 4, f"too few frames survive: {faults}"


@pytest.mark.parametrize("seed", [1, 2])
def test_what_typescript_writes_python_reads(seed: int) -> None:
    emitted = run_node("emit.ts", seed, MESSAGES)
    assert len(emitted) == MESSAGES
    for one in emitted:
        assert verdict(bytes.fromhex(one["bytes"])) == {"frames": one["frames"]}


@pytest.mark.parametrize("seed", [1, 2])
def test_what_python_writes_typescript_reads(seed: int) -> None:
    emitted = run_node("emit.ts", seed, MESSAGES)  # used as a source of messages: Python writes them again
    messages = [one["frames"][0] for one in emitted]
    written = [
        encode_frame(one["message"], bytes.fromhex(one["body"]), json_meta=index % 2 == 0)
        for index, one in enumerate(messages)
    ]
    judged = run_node("judge.ts", stdin="".join(f"{(head + bytes(body)).hex()}\n" for head, body in written))
    assert judged == [{"frames": [one]} for one in messages]
