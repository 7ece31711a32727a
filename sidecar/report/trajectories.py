"""Joint trajectories: x and y over time, before and after cleaning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.report.collect import Collected
from sidecar.report.lines import JointLine
from sidecar.report.markup import Markup, element, joined, number
from sidecar.report.timeline import dot
from sidecar.report.words import counted

_WIDTH, _HEIGHT = 720, 110  # of a plot, in its own units
_MARGIN = 8

Values = NDArray[np.float64]


def trajectories(drawn: Collected, *, has_raw: bool) -> Markup:
    """A block per track: the longest open, the others closed."""
    blocks = []
    for place, (facts, lines) in enumerate(sorted(drawn.lines, key=lambda pair: -pair[0].people)):
        name = "people" if facts.id is None else f"track {facts.id}"
        plots = joined(_joint(line, drawn.bins) for line in lines)
        summary = element("summary", dot(facts.id), name, element("small", counted(facts.people, "frame")))
        opened = "" if place == 0 else None
        blocks.append(element("details", summary, element("div", plots, class_="plots"), open=opened))
    keys = [element("li", element("i", class_="stroke after"), element("b", "after" if has_raw else "as written"))]
    if has_raw:
        keys.append(element("li", element("i", class_="stroke before"), element("b", "before"), " cleaning"))
    keys.append(element("li", element("i", class_="stroke dotted"), element("b", "filled"), " between sightings"))
    return joined([element("ul", *keys, class_="legend"), *blocks])


def _joint(line: JointLine, bins: int) -> Markup:
    title = element("h4", line.joint.replace("_", " "), element("small", _tremble(line)))
    return element("div", title, *(_plot(line, axis, bins) for axis in (0, 1)), class_="joint")


def _tremble(line: JointLine) -> str:
    if line.jitter_clean is None:
        return ""
    if line.jitter_raw is None or line.moved is None:
        return f"jitter {line.jitter_clean:.2f} px"
    return f"jitter {line.jitter_raw:.2f} → {line.jitter_clean:.2f} px, moved by {line.moved:.2f} px on average"


def _plot(line: JointLine, axis: int, bins: int) -> Markup:
    values = [line.clean[:, axis]] if line.raw is None else [line.clean[:, axis], line.raw[:, axis]]
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    span = max(high - low, 1.0)
    middle = (low + high) / 2

    def place(array: Values) -> Values:
        """px to the plot's units; y grows downwards in both."""
        return _HEIGHT / 2 + (array - middle) / span * (_HEIGHT - 2 * _MARGIN) * (1 if axis else -1)

    seen = np.where(line.filled[:, None], np.nan, line.clean[:, axis])
    layers = []
    if line.raw is not None:
        layers.append(element("path", class_="before", d=_line(place(line.raw[:, axis]), bins)))
    layers.append(element("path", class_="after", d=_line(place(seen), bins)))
    if line.filled.any():
        around = _with_neighbours(line.filled)
        between = np.where(around[:, None], line.clean[:, axis], np.nan)
        layers.append(element("path", class_="dotted", d=_line(place(between), bins)))
    name = "xy"[axis]
    picture = element(
        "svg", *layers, class_="plot", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", preserveAspectRatio="none", role="img",
        aria_label=f"{name} of {line.joint} over time, {low:.0f} to {high:.0f} px",
    )  # fmt: skip
    top, bottom = (low, high) if axis else (high, low)
    scale = element(
        "span", element("b", name), element("i", f"{top:.0f}"), element("i", f"{bottom:.0f}"), class_="scale"
    )
    return element("div", scale, picture, class_="axis-plot")


def _line(spans: Values, bins: int) -> str:
    """A path through the least and greatest value of every stretch; parted where there is none."""
    step = _WIDTH / bins
    path: list[str] = []
    drawing = False
    for at, (one, other) in enumerate(spans.tolist()):
        if one != one:  # NaN
            drawing = False
            continue
        first, second = (one, other) if at % 2 else (other, one)  # zigzag: short steps between stretches
        x = number((at + 0.5) * step)
        path.append(f"{'L' if drawing else 'M'}{x} {number(first)}")
        if abs(second - first) >= 0.05:
            path.append(f"V{number(second)}")
        elif not drawing:
            path.append("h.01")  # a point alone shows as a dot
        drawing = True
    return "".join(path)


def _with_neighbours(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The stretches and those beside them, so that dotted lines meet the others."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    return wide
