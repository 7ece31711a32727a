"""Results to report on."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from sidecar.report.page import write_report
from sidecar.results.reading import Result, open_result
from tests.results.makers import make_frames, make_person, make_summary, write_result

VOID = {"meta", "img"}


def one_track(letters: str, *, identity: int = 1, raw: bool = False) -> list[list[dict[str, Any]]]:
    """People of each frame: d, l, i, p by provenance, - for nobody; the person walks right."""
    words = {"d": "detected", "l": "low_score", "i": "interpolated", "p": "predicted"}
    people: list[list[dict[str, Any]]] = []
    for number, letter in enumerate(letters):
        if letter == "-":
            people.append([])
            continue
        distance = 1 if letter in "ip" else 0
        person = make_person(
            identity=identity, at=(50.0 + 2 * number, 40.0), provenance=words[letter], distance=distance
        )
        if raw and not distance:
            shaken = make_person(identity=identity, at=(50.0 + 2 * number + 3 * (number % 2), 40.0))
            person["keypoints_raw"] = shaken["keypoints"]
        people.append([person])
    return people


def make_result(folder: Path, people: list[list[dict[str, Any]]], **changes: Any) -> Result:
    summary = changes.pop("summary", make_summary(frames=len(people)))
    return open_result(write_result(folder, make_frames(people), summary=summary, **changes))


def page_of(result: Result, folder: Path) -> str:
    write_report(result, folder / "page.html")
    return (folder / "page.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """The elements of a page, checked to be closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]
