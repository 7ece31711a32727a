"""Daemons of ours, each with an environment of its own; none outlives its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.child import Child, environment

Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a daemon: start("--estimator", "odd", wire="frames")."""
    with ExitStack() as children:

        def start_one(*flags: str, wire: str, **changes: Any) -> Child:
            return children.enter_context(Child(*flags, wire=wire, env=environment(tmp_path, **changes)))

        yield start_one


@pytest.fixture
def supervised(start: Start) -> Callable[..., Child]:
    """Start a daemon on frames and bring it to READY: supervised("odd", does="prints")."""

    def start_ready(estimator: str = "null", /, **options: Any) -> Child:
        child = start(wire="frames")
        child.init(estimator, options=options)
        return child

    return start_ready
