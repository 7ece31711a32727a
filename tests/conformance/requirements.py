"""The requirements of protocol/SPEC.md by id, and the checks that cite them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.conformance.peer import Peer
from tests.paths import ROOT


class Start(Protocol):
    """Starts the daemon under test."""

    def __call__(self, *arguments: str) -> Peer:
        """Start it, with these arguments after its command line."""


_ITEM = re.compile(r"^- `\[(W-\d+)\]` (.*?)(?=^- |^\s*$|^```|^#)", re.MULTILINE | re.DOTALL)


def read_requirements() -> dict[str, str]:
    """Return the text of every requirement by id."""
    items = _ITEM.findall((ROOT / "protocol" / "SPEC.md").read_text())
    return {name: " ".join(text.split()) for name, text in items}


class Violation(AssertionError):
    """What the daemon did instead; `requirement` when the check cites several and knows which."""


@dataclass(frozen=True, slots=True)
class Check:
    """One conversation with a fresh daemon.

    Attributes:
        wire: the encoding it is about.
        requirements: ids it verifies.
        run: raises Violation; gets a function that starts a daemon.
    """

    name: str
    wire: str
    requirements: tuple[str, ...]
    run: Callable[[Start], None]


CHECKS: list[Check] = []


def check(wire: str, *requirements: str) -> Callable[[Callable[[Start], None]], Callable[[Start], None]]:
    """Register a function as a check; its name becomes the check's."""

    def register(run: Callable[[Start], None]) -> Callable[[Start], None]:
        CHECKS.append(Check(run.__name__.replace("_", " "), wire, requirements, run))
        return run

    return register


def expect(condition: object, sentence: str) -> None:
    """Raise Violation unless the condition holds."""
    if not condition:
        raise Violation(sentence)
