"""The daemon's log: JSON lines on stderr, copies in a folder. Message bodies and secrets are never handed to it.

loguru costs 40 to 60 ms to import, so nothing on the way to HELLO may import this file.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from loguru import logger

from sidecar.bootstrap.cache import path_from
from sidecar.daemon.log_files import LogFile

if TYPE_CHECKING:
    from loguru import Message, Record

FORMATS = ("json", "text")
LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR")
MAX_MESSAGE_CHARACTERS = 8192  # one line may name a value, not carry it
MAX_TRACEBACK_CHARACTERS = 8192

Warn = Callable[[str, str, "str | None"], None]


def configure(
    level: str | None = None, fmt: str = "json", log_dir: str | None = None, warn: Warn | None = None
) -> None:
    """Send every log line to stderr, and to a file in `log_dir` when one is given. Replaces what was configured.

    Args:
        level: one of LEVELS; None follows the environment: DEBUG with DEBUG_MODE on, else INFO.
        fmt: "json", one object a line with time, level, message, request_id, pid and source; "text" for people.
        log_dir: folder for copies (POSE_LOG_DIR). Where it cannot be written the console goes on alone.
        warn: told once (code, message, hint) when copies cannot be written; the log itself says so too.
    """
    logger.remove()
    logger.configure(extra={"request_id": None})
    line = _json_line if fmt == "json" else _text_line
    chosen = level or ("DEBUG" if _debug_mode() else "INFO")
    logger.add(lambda message: _to_stderr(line(message.record)), level=chosen, format="{message}")
    _take_over_standard_logging()
    if log_dir:
        _add_copies(log_dir, line, chosen, warn)


def _add_copies(log_dir: str, line: Callable[[Record], str], level: str, warn: Warn | None) -> None:
    def report(error: OSError) -> None:
        text = f"log copies cannot be written to {log_dir}: {error.strerror or error}"
        hint = "Make POSE_LOG_DIR a folder this user may write to, or unset it."
        # Not through the logger: this may run inside one of its handlers, which is not re-entrant.
        _to_stderr(json.dumps({"level": "WARNING", "message": text, "hint": hint, "request_id": None}) + "\n")
        if warn:
            warn("log_dir_unwritable", text, hint)

    try:
        copies = LogFile(path_from(log_dir), on_failure=report)
    except OSError as error:
        report(error)
        return
    logger.add(_Copies(copies, line), level=level, format="{message}")


class _Copies:
    """A loguru sink over a LogFile; loguru calls `stop` when the sink is removed."""

    def __init__(self, file: LogFile, line: Callable[[Record], str]) -> None:
        self._file = file
        self._line = line

    def write(self, message: Message) -> None:
        self._file.write(self._line(message.record))

    def stop(self) -> None:
        self._file.close()


def _json_line(record: Record) -> str:
    fields: dict[str, Any] = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "message": _clipped(record["message"], MAX_MESSAGE_CHARACTERS),
        **record["extra"],
        "pid": record["process"].id,
        "source": f"{record['name']}:{record['line']}",
    }
    if record["exception"]:
        fields["traceback"] = _traceback(record)
    return json.dumps(fields, default=str) + "\n"


def _text_line(record: Record) -> str:
    extra = {**record["extra"]}
    request = extra.pop("request_id", None)
    facts = "".join(f" {name}={value}" for name, value in extra.items())
    where = "" if request is None else f" [{request}]"
    message = _clipped(record["message"], MAX_MESSAGE_CHARACTERS)
    line = f"{record['time']:HH:mm:ss.SSS} {record['level'].name:<7}{where} {message}{facts}\n"
    return line + _traceback(record) if record["exception"] else line


def _traceback(record: Record) -> str:
    """The traceback without variable values, which could hold a body; its end is what names the culprit."""
    error = record["exception"]
    text = "".join(traceback.format_exception(error.type, error.value, error.traceback)) if error else ""
    return text[-MAX_TRACEBACK_CHARACTERS:]


def _clipped(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[:characters]}... ({len(text)} characters)"


def _to_stderr(line: str) -> None:
    with suppress(OSError, ValueError):  # nobody reads any more: not a reason to fail a request
        sys.stderr.write(line)
        sys.stderr.flush()


def _debug_mode() -> bool:
    return os.environ.get("DEBUG_MODE", "").strip().lower() in ("1", "true", "yes", "on")


class _Forward(logging.Handler):
    """Hands what other packages log to loguru, so that stderr is one kind of line."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in (*LEVELS, "CRITICAL") else record.levelno
        logger.opt(exception=record.exc_info).log(level, "{}: {}", record.name, record.getMessage())


def _take_over_standard_logging() -> None:
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
