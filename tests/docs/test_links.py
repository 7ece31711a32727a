"""Links of the operators' documents lead to files and headings that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import ROOT

DOCS = ROOT / "docs"
DOCUMENTS = ("quick-start", "configuration", "http-api", "deployment", "troubleshooting", "runbook", "requirements")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def headings(document: Path) -> set[str]:
    """Anchors as Markdown viewers make them."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    document = DOCS / f"{name}.md"
    lost = []
    for path, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        target = (document.parent / path) if path else document
        if not target.exists() or (anchor and anchor not in headings(target)):
            lost.append(f"{path}#{anchor}")
    assert lost == []
