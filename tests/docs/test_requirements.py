"""Every row of docs/requirements.md names tests that are there."""

from __future__ import annotations

import re

import pytest

from tests.paths import ROOT

TEXT = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
CHAPTERS = (
    "1 Spawning and lifecycle",
    "2 Pool and queue",
    "3 Endpoints",
    "4 Input and output",
    "5 Timeouts and errors",
    "6 Health and monitoring",
    "7 Configuration and start-up",
    "8 Logging",
    "Defects that may not come back",
)
DEFECTS = 20
CITATION = re.compile(r'`([\w./-]+\.(?:py|ts))` "([^"]+)"')


def rows(chapter: str) -> list[tuple[str, str]]:
    """What is required, and the cell that cites tests."""
    body = TEXT.split(f"## {chapter}\n")[1].split("\n## ")[0]
    cells = [line.strip("|").split(" | ") for line in body.splitlines() if line.startswith("| ")]
    assert all(len(row) == 3 for row in cells)
    return [(row[0].strip(), row[2].strip()) for row in cells[1:]]


def faults(cell: str) -> list[str]:
    """What is wrong with the citations of a row."""
    cited = CITATION.findall(cell)
    rest = CITATION.sub("", cell).strip(" ,")
    wrong = [f"no citation: {rest}"] if rest or not cited else []
    for path, title in cited:
        file = ROOT / path
        if not file.exists():
            wrong.append(f"there is no {path}")
        elif not is_title(title, path, file.read_text(encoding="utf-8")):
            wrong.append(f"{path} has no test {title}")
    return wrong


def is_title(title: str, path: str, code: str) -> bool:
    if path.endswith(".py"):
        return f"def {title}(" in code
    return any(f"{quote}{title}{quote}" in code.replace("\\'", "'") for quote in "'\"`")


def test_the_chapters_are_those_of_the_previous_service() -> None:
    assert tuple(re.findall(r"^## (.+)$", TEXT, re.M)) == CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_row_cites_tests_that_exist(chapter: str) -> None:
    found = rows(chapter)
    assert len(found) >= 5
    assert {what: faults(cell) for what, cell in found if faults(cell)} == {}


def test_no_defect_is_left_out() -> None:
    numbers = [int(what.split()[0]) for what, _ in rows(CHAPTERS[-1])]
    assert numbers == list(range(1, DEFECTS + 1))


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("", "no citation"),
        ("by hand", "no citation"),
        ('`tests/nope.py` "test_x"', "there is no tests/nope.py"),
        ('`tests/paths.py` "test_x"', "has no test test_x"),
        ('`gateway/test/gateway.test.ts` "nope"', "has no test nope"),
        ('`tests/docs/test_requirements.py` "test_no_defect_is_left_out" and more', "no citation: and more"),
    ],
)
def test_a_row_without_its_test_is_refused(cell: str, fault: str) -> None:
    assert any(fault in wrong for wrong in faults(cell))
