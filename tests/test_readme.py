"""Every block of the README runs, and prints what the README says it prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- test: (?P<kind>[a-z]+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)```", re.S)
MAX_LINES = 250
# Numbers, digests of a directory name, and the system's word for a closed pipe differ from run to run.
ANY_LINES = "…\n"
VARYING = re.compile(r"^…\n|video_[0-9a-f]{16}|…|-?\d+(?:\.\d+)?", re.M)


@dataclass(frozen=True)
class Example:
    """A block that runs, and the output the README shows for it."""

    kind: str
    text: str
    output: str | None


def examples() -> Iterator[Example]:
    blocks = [match for match in BLOCK.finditer(README) if match["kind"]]
    for index, block in enumerate(blocks):
        if block["kind"] != "output":
            follows = index + 1 < len(blocks) and blocks[index + 1]["kind"] == "output"
            yield Example(block["kind"], block["text"], blocks[index + 1]["text"] if follows else None)


EXAMPLES = list(examples())


def pattern(shown: str) -> re.Pattern[str]:
    """What the shown output stands for: `…` is anything, alone on a line any lines; a number is any number."""
    parts: list[str] = []
    last = 0
    for match in VARYING.finditer(shown):
        parts += [re.escape(shown[last : match.start()]), _stands_for(match.group())]
        last = match.end()
    parts.append(re.escape(shown[last:].rstrip()))
    return re.compile("".join(parts) + r"\s*\Z", re.S)


def _stands_for(token: str) -> str:
    if token == ANY_LINES:
        return r"(?:[^\n]*\n)*?"
    if token == "…":
        return ".*?"
    return r"video_[0-9a-f]{16}" if token.startswith("video_") else r"-?\d+(?:\.\d+)?"


def run(example: Example) -> str:
    node = ["npm", "exec", "--silent", "--", "node"]
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".readme-") as folder:
        script = Path(folder, {"typescript": "example.ts", "python": "example.py"}.get(example.kind, "example.sh"))
        script.write_text(example.text, encoding="utf-8")
        interpreter = {"typescript": node, "python": [sys.executable]}.get(example.kind, ["bash", "-e"])
        done = subprocess.run(
            [*interpreter, str(script)],
            cwd=ROOT,
            env={**os.environ, "POSE_PYTHON": sys.executable},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo() -> None:
    """The examples look at what the demo left behind."""
    if not shutil.which("npm"):
        pytest.skip("npm is absent")
    subprocess.run([ROOT / "scripts" / "demo"], cwd=ROOT, check=True, capture_output=True, timeout=300)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if example.kind != "demo"],
    ids=lambda example: f"{example.kind}: {example.text.splitlines()[0]}",
)
def test_an_example_prints_what_the_readme_shows(example: Example) -> None:
    printed = run(example)
    assert example.output is not None, "an example without its output shows nothing"
    assert pattern(example.output).match(printed), f"shown:\n{example.output}\nprinted:\n{printed}"


def test_the_commands_of_the_first_block_exist_and_explain_themselves() -> None:
    commands = re.findall(r"^(\./scripts/\w+)", next(e.text for e in EXAMPLES if e.kind == "demo"), re.M)
    assert commands == ["./scripts/demo", "./scripts/test"]
    for command in commands:
        shown = subprocess.run([command, "--help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        assert "Usage:" in shown


def test_every_block_of_code_has_a_test() -> None:
    bare = [match["text"] for match in BLOCK.finditer(README) if match["language"] != "text" and not match["kind"]]
    assert bare == []


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_readme_stays_readable() -> None:
    assert len(README.splitlines()) <= MAX_LINES


@pytest.mark.parametrize(
    "script", sorted(path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix)
)
def test_scripts_are_executable_and_say_what_they_do(script: str) -> None:
    path = ROOT / "scripts" / script
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!")


def test_npm_scripts_call_what_exists() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    called = [command for command in package["scripts"].values() if command.startswith("scripts/")]
    assert [command for command in called if not (ROOT / command).exists()] == []
    assert {"setup", "dev", "demo", "test", "bench", "doctor"} <= set(package["scripts"])
