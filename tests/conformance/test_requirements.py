"""Every requirement of SPEC.md is cited by what verifies it."""

from __future__ import annotations

import re
from collections import Counter

from tests.conformance.reference_daemon import FAULTS
from tests.conformance.requirements import CHECKS, read_requirements
from tests.paths import ROOT

SPEC = (ROOT / "protocol" / "SPEC.md").read_text()
VERIFYING = ("tests", "node-client/test", "protocol/vectors/bytes")
# What no conversation with a daemon shows, and where it is looked after instead.
ELSEWHERE = {
    "W-42": "a rule for clients: node-client/test",
    "W-45": "needs a slow start: tests/bootstrap",
    "W-61": "only the operations on videos send parts: tests/daemon/test_video_work.py",
    "W-72": "capability video: tests/video/test_pooled.py",
    "W-73": "capability video: tests/video/test_pooled.py",
    "W-74": "capability video: node-client/test/video",
    "W-76": "capability video: tests/video/test_length.py",
    "W-77": "capability video: tests/daemon/test_video_work.py",
    "W-85": "needs an estimator that prints: tests/e2e",
    "W-86": "a rule for clients: node-client/test",
    "W-87": "a rule for clients: node-client/test",
    "W-90": "a rule for later majors",
    "W-93": "a rule for later versions; pins in tests/wire/test_header.py",
}


def cited() -> set[str]:
    """Ids that tests, checks and vectors name."""
    files = [
        path for folder in VERIFYING for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".ts", ".json")
    ]
    texts = [
        path.read_text() for path in files if path.name != "test_requirements.py" and "node_modules" not in path.parts
    ]
    return {name for text in texts for name in re.findall(r"\bW-\d+\b", text)}


def test_ids_are_given_once() -> None:
    given = Counter(re.findall(r"^- `\[(W-\d+)\]`", SPEC, re.MULTILINE))
    assert given
    assert {name: count for name, count in given.items() if count > 1} == {}
    assert set(given) == set(read_requirements())


def test_every_requirement_is_cited_and_every_citation_exists() -> None:
    requirements = set(read_requirements())
    assert requirements - cited() - set(ELSEWHERE) == set()
    assert cited() - requirements == set()


def test_checks_and_faults_cite_requirements_that_exist() -> None:
    requirements = set(read_requirements())
    assert {name for check in CHECKS for name in check.requirements} <= requirements
    assert set(FAULTS.values()) <= requirements
