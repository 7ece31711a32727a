"""Whoever waits for a transfer sees that it lives."""

from __future__ import annotations

import io
import threading

import pytest
from rich.console import Console

from sidecar.cli import transfer_display
from sidecar.cli.transfer_display import LINE_INTERVAL_S, BarDisplay, LineDisplay


def test_the_interval_keeps_the_promise() -> None:
    """No silent output for more than 3 s."""
    assert LINE_INTERVAL_S < 3


def test_a_line_for_everything_new(capsys: pytest.CaptureFixture[str]) -> None:
    with LineDisplay() as report:
        report("asking")
        report("downloading", 1_000_000, 4_000_000)
        report("downloading", 2_000_000, 4_000_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["  asking (0 s)", "  downloading 1.0 of 4.0 MB (0 s)"]


def test_lines_go_on_while_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    written = threading.Semaphore(0)

    class Stream(io.StringIO):
        def write(self, text: str) -> int:
            written.release()
            return super().write(text)

    stream = Stream()
    monkeypatch.setattr(transfer_display, "LINE_INTERVAL_S", 0.01)
    monkeypatch.setattr("sys.stderr", stream)
    with LineDisplay() as report:
        report("downloading with pip", 12_300_000)
        for _ in range(8):  # a line is written in one or two parts
            assert written.acquire(timeout=30)
    assert stream.getvalue().count("  downloading with pip 12.3 MB (0 s)\n") >= 4
    assert not any(thread.name == "transfer-display" for thread in threading.enumerate())


def test_the_display_ends_with_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), LineDisplay():
        _ = 1 / 0
    assert not any(thread.name == "transfer-display" for thread in threading.enumerate())


def test_a_bar_in_a_terminal() -> None:
    screen = io.StringIO()
    with BarDisplay(Console(file=screen, force_terminal=True, width=100)) as report:
        report("downloading [bold]", 1_000_000, 4_000_000)
    assert "downloading [bold]" in screen.getvalue()
    assert "1.0/4.0 MB" in screen.getvalue()


def test_lines_where_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert isinstance(transfer_display.transfer_display(), LineDisplay)
