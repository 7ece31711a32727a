"""HTML and SVG out of parts; every text and every attribute is escaped, whatever it holds."""

from __future__ import annotations

import html
from collections.abc import Iterable

_VOID = frozenset({"meta", "img", "line", "rect", "path", "circle", "use"})


class Markup(str):
    """Text that is markup already. Made by `element` and `joined`, and of constants, only."""

    __slots__ = ()


def element(name: str, /, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """An element; plain strings among the children are escaped.

    Attributes with a trailing _ lose it, and _ in the middle becomes -; None leaves one out.
    """
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    written = "".join(f' {key}="{_value(value)}"' for key, value in given.items())
    if name in _VOID and not children:
        return Markup(f"<{name}{written}>" if name in ("meta", "img") else f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(children)}</{name}>")


def joined(parts: Iterable[str | Markup]) -> Markup:
    """Parts one after the other; plain strings are escaped."""
    return Markup("".join(part if isinstance(part, Markup) else _escaped(part) for part in parts))


def number(value: float, decimals: int = 1) -> str:
    """A number as SVG wants it, without needless digits."""
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(value: str | float) -> str:
    return number(value, 2) if isinstance(value, (int, float)) else _escaped(value)


def _escaped(text: str) -> str:
    # Control characters and halves of surrogate pairs cannot stand in a page, escaped or not.
    clean = "".join(c if c in "\n\t" or (c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF) else "�" for c in text)
    return html.escape(clean, quote=True)
