"""Where the time went: a bar per stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.report.markup import Markup, element
from sidecar.report.words import short

MAX_STAGES = 24


def stages(seconds: Mapping[str, Any], frames: int) -> Markup | None:
    """Bars of the stages, in the order of the file; None where there are none."""
    sound = {name: value for name, value in seconds.items() if type(value) in (int, float) and 0 <= value < 1e9}
    total = sound.pop("total", None)
    shown = list(sound.items())[:MAX_STAGES]
    if not shown:
        return None
    longest = max([*sound.values(), total or 0.0, 1e-9])
    rows = [_bar(name, value, longest, frames, "stage") for name, value in shown]
    if total is not None:
        rows.append(_bar("time that passed", total, longest, frames, "stage total"))
    note = element("p", "Stages run side by side, so together they may be longer than what passed.", class_="note")
    return element("div", *rows, note, class_="stages")


def _bar(name: str, seconds: float, longest: float, frames: int, kind: str) -> Markup:
    each = f"{1000 * seconds / frames:.1f} ms a frame" if frames else ""
    return element(
        "div",
        element("span", short(name), class_="name"),
        element("span", element("i", style=f"width:{100 * seconds / longest:.2f}%"), class_="rail"),
        element("span", f"{seconds:.2f} s", element("small", each), class_="told"),
        class_=kind,
    )
