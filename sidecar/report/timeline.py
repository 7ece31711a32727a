"""The timeline: a row per track, coloured by where the numbers came from; gaps stay empty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.overlay.palette import identity_colour
from sidecar.report.collect import Collected, Row
from sidecar.report.markup import Markup, element, joined
from sidecar.report.survey import Survey
from sidecar.report.words import counted, duration
from sidecar.results.frame import PROVENANCES

MEANINGS = {
    "detected": "seen, score from 0.5",
    "low_score": "seen, less sure",
    "interpolated": "put between two sightings",
    "predicted": "by motion alone",
}
_HEIGHT = 100  # of a row, in its own units
_TICKS = 6


def legend() -> Markup:
    """What the colours mean."""
    keys = [
        element("li", element("i", class_=f"key {name}"), element("b", name.replace("_", " ")), f" {meaning}")
        for name, meaning in MEANINGS.items()
    ]
    gap = element("li", element("i", class_="key gap"), element("b", "gap"), " nobody there")
    return element("ul", *keys, gap, class_="legend")


def timeline(numbers: Survey, drawn: Collected) -> Markup:
    """All rows, with the time below."""
    parts = [_row(row, drawn.bins) for row in drawn.rows]
    left_out = len(numbers.tracks) - len(drawn.rows)
    parts.append(element("div", element("span"), _axis(numbers), element("span"), class_="track axis"))
    if left_out:
        parts.append(element("p", f"{counted(left_out, 'shorter track')} not shown.", class_="note"))
    return element("div", *parts, class_="timeline")


def dot(identity: int | None) -> Markup:
    """The colour that a track has in the overlay."""
    red, green, blue = identity_colour(identity or 1)
    return element("i", class_="dot", style=f"background:rgb({red},{green},{blue})")


def _row(row: Row, bins: int) -> Markup:
    facts = row.facts
    name = "people" if facts.id is None else f"#{facts.id}"
    layers = [
        element(
            "path", element("title", f"{name} {word.replace('_', ' ')}: {counted(facts.counts[word], 'frame')}"),
            class_=word, d=outline,
        )
        for column, word in enumerate(PROVENANCES)
        if (outline := _outline(row.shares, column))
    ]  # fmt: skip
    picture = element(
        "svg", *layers, class_="bar", viewBox=f"0 0 {bins} {_HEIGHT}", preserveAspectRatio="none", role="img",
        aria_label=f"{name} from {facts.first_s:.2f} s to {facts.last_s:.2f} s",
    )  # fmt: skip
    seen = facts.seen / facts.people
    filled = facts.people - facts.seen
    told = f"{seen:.0%} seen" + (f", {filled} filled" if filled else "")
    far = f"up to {counted(facts.farthest, 'frame')} away" if facts.farthest else counted(facts.people, "frame")
    return element(
        "div",
        element("span", dot(facts.id), name, class_="name"),
        picture,
        element("span", told, element("small", far), class_="told"),
        class_="track",
    )


def _outline(shares: NDArray[np.float64], column: int) -> str:
    """Rectangles of one provenance, stacked on those before it; equal neighbours are one."""
    tops = np.rint(_HEIGHT * (1 - shares[:, : column + 1].sum(axis=1))).astype(int)
    feet = np.rint(_HEIGHT * (1 - shares[:, :column].sum(axis=1))).astype(int)
    edges = np.flatnonzero((np.diff(tops) != 0) | (np.diff(feet) != 0)) + 1
    starts = np.concatenate([[0], edges]).tolist()
    stops = [*edges.tolist(), len(tops)]
    boxes = ((start, stop, int(tops[start]), int(feet[start])) for start, stop in zip(starts, stops, strict=True))
    return "".join(f"M{a} {top}h{b - a}v{foot - top}h{a - b}z" for a, b, top, foot in boxes if foot > top)


def _axis(numbers: Survey) -> Markup:
    length = numbers.last_s - numbers.first_s
    marks = []
    for tick in range(_TICKS + 1):
        share = tick / _TICKS
        marks.append(element("span", duration(numbers.first_s + share * length), style=f"left:{100 * share:.2f}%"))
    return element("div", joined(marks), class_="ticks")
