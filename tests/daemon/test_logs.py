"""The daemon's log, configured in a process of its own: it takes over loguru, logging and warnings for good."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sidecar.daemon.log_files import MAX_FILES, LogFile

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="platform: file modes are POSIX")


def log(source: str, configure: str = "", **environment: str) -> list[str]:
    """Lines on stderr of a process that configures its log and runs `source`."""
    program = f"from loguru import logger\nfrom sidecar.daemon import logs\nlogs.configure({configure})\n{source}"
    clean = {name: value for name, value in os.environ.items() if name != "DEBUG_MODE"}
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**clean, **environment}, check=True
    )
    assert finished.stdout == "", "the log must stay off stdout"
    return finished.stderr.splitlines()


def records(source: str, configure: str = "", **environment: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log(source, configure, **environment)]


def test_each_line_is_one_object_with_time_level_message_pid_and_request_id() -> None:
    (record,) = records("logger.info('hello {}', 'w\\u00f6rld\\n\\udc80')")
    assert record["message"] == "hello w\u00f6rld\n\udc80"
    assert record["level"] == "INFO"
    assert record["request_id"] is None
    assert record["pid"] > 0
    assert record["source"].startswith("__main__:")
    assert record["time"].endswith("+00:00") or record["time"][-6] in "+-"


def test_the_request_id_is_on_every_line_of_its_request() -> None:
    source = "with logger.contextualize(request_id=7):\n    logger.info('a')\n    logger.warning('b')\nlogger.info('c')"
    assert [record["request_id"] for record in records(source)] == [7, 7, None]


def test_bound_facts_become_fields() -> None:
    (record,) = records("logger.bind(frames=3).info('done')")
    assert record["frames"] == 3


@pytest.mark.parametrize(
    ("configure", "environment", "levels"),
    [
        pytest.param("", {}, ["INFO", "ERROR"], id="info by default"),
        pytest.param("", {"DEBUG_MODE": "true"}, ["DEBUG", "INFO", "ERROR"], id="debug mode"),
        pytest.param("", {"DEBUG_MODE": "0"}, ["INFO", "ERROR"], id="debug mode off"),
        pytest.param("'ERROR'", {"DEBUG_MODE": "true"}, ["ERROR"], id="the flag wins over the environment"),
        pytest.param("'TRACE'", {}, ["TRACE", "DEBUG", "INFO", "ERROR"], id="everything"),
    ],
)
def test_the_level_comes_from_the_flag_or_debug_mode(
    configure: str, environment: dict[str, str], levels: list[str]
) -> None:
    source = "logger.trace('t'); logger.debug('d'); logger.info('i'); logger.error('e')"
    assert [record["level"] for record in records(source, configure, **environment)] == levels


def test_a_traceback_shows_no_values() -> None:
    source = "secret = 'hunter2'\ntry:\n    len(secret) / 0\nexcept ZeroDivisionError:\n    logger.exception('failed')"
    (record,) = records(source)
    assert "ZeroDivisionError: division by zero" in record["traceback"]
    assert "hunter2" not in json.dumps(record)


def test_a_huge_message_is_cut_and_says_how_long_it_was() -> None:
    (line,) = log("logger.info('x' * 1_000_000)")
    assert len(line) < 20_000
    assert "1000000 characters" in line


def test_other_packages_and_warnings_speak_the_same_lines() -> None:
    source = (
        "import logging, warnings\nlogging.getLogger('them').error('no %s', 'luck')\n"
        "logging.getLogger('them').log(35, 'odd')\nwarnings.warn('careful')"
    )
    assert [record["message"].split("\n")[0] for record in records(source)][:2] == ["them: no luck", "them: odd"]
    assert "careful" in records(source)[2]["message"]


def test_text_is_for_people() -> None:
    (line,) = log("with logger.contextualize(request_id=7): logger.bind(frames=3).warning('slow')", "fmt='text'")
    assert line.endswith("WARNING [7] slow frames=3")


def test_a_reader_of_stderr_that_left_is_no_failure() -> None:
    program = (
        "import sys\nfrom sidecar.daemon import logs\nfrom loguru import logger\nlogs.configure()\n"
        "sys.stderr.close()\nlogger.info('nobody listens')\nprint('alive')"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout == "alive\n"


def test_copies_hold_the_same_lines(tmp_path: Path) -> None:
    lines = log("logger.info('one'); logger.error('two')", f"log_dir={str(tmp_path)!r}")
    (copy,) = tmp_path.glob("pose-service-*.log")
    assert copy.read_text().splitlines() == lines


def test_a_second_configuration_replaces_the_first(tmp_path: Path) -> None:
    lines = log("logs.configure('ERROR')\nlogger.info('i'); logger.error('e')", f"log_dir={str(tmp_path)!r}")
    assert [json.loads(line)["message"] for line in lines] == ["e"]
    assert [path.read_text() for path in tmp_path.glob("*.log")] == [""]


def test_an_unwritable_folder_is_one_warning_and_the_console_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = records("logger.info('on')", f"log_dir={str(tmp_path / 'file' / 'logs')!r}")
    assert [record["level"] for record in found] == ["WARNING", "INFO"]
    assert "POSE_LOG_DIR" in found[0]["hint"]


def test_an_unwritable_folder_is_told_to_ready(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    source = f"logs.configure(log_dir={str(tmp_path / 'file')!r}, warn=lambda *said: logger.info(said[0]))"
    assert "log_dir_unwritable" in [record["message"] for record in records(source)]


@posix_only
def test_folder_and_files_have_the_modes_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    before = os.umask(0o077)
    try:
        copies = LogFile(folder)
    finally:
        os.umask(before)
    copies.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert stat.S_IMODE(copies.path.stat().st_mode) == 0o640


def test_the_limits_are_ten_megabytes_times_five(tmp_path: Path) -> None:
    from sidecar.daemon import log_files

    assert (log_files.MAX_BYTES, log_files.MAX_FILES) == (10_000_000, 5)


def test_full_files_rotate_and_the_oldest_goes(tmp_path: Path) -> None:
    copies = LogFile(tmp_path, max_bytes=10)
    for number in range(9):
        copies.write(f"line {number}\n")
    copies.close()
    files = sorted(tmp_path.glob("pose-service-*.log"), key=lambda path: path.read_text())
    assert [path.read_text() for path in files] == [f"line {number}\n" for number in range(9 - MAX_FILES, 9)]


def test_a_line_larger_than_a_file_is_written_alone(tmp_path: Path) -> None:
    copies = LogFile(tmp_path, max_bytes=10)
    copies.write("a" * 30 + "\n")
    copies.write("b\n")
    copies.close()
    assert copies.path.read_text() == "b\n"


def test_a_write_that_fails_ends_the_copies_with_one_report(tmp_path: Path) -> None:
    reported: list[OSError] = []
    copies = LogFile(tmp_path, on_failure=reported.append)
    os.close(copies._descriptor)  # type: ignore[arg-type]  # what a full disk does to a write, without a full disk
    copies.write("one\n")
    copies.write("two\n")
    assert len(reported) == 1


def test_files_of_ended_daemons_are_kept_up_to_a_number_and_live_ones_always(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for number in range(8):
        path = tmp_path / f"pose-service-{ended.pid}.{number}.log"
        path.touch()
        os.utime(path, (number, number))
    live = tmp_path / f"pose-service-{os.getppid()}.log"
    live.touch()
    os.utime(live, (0, 0))
    other = tmp_path / "pose-service-notes.log"
    other.touch()

    LogFile(tmp_path).close()

    left = {path.name for path in tmp_path.iterdir()}
    assert {f"pose-service-{ended.pid}.{number}.log" for number in range(3, 8)} <= left
    assert {live.name, other.name, f"pose-service-{os.getpid()}.log"} <= left
    assert len(left) == MAX_FILES + 3
