"""Running a command such as `python -m sidecar video`: however it ends, one line says why and the exit code is right.

Standard library only, and Python 3.8, as everything here: a command whose packages are missing shall say so.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import Callable, List, Optional

from sidecar.bootstrap.descriptors import fill_gaps
from sidecar.bootstrap.exit_codes import DEFECT, FINISHED, INIT_FAILED, INTERRUPTED, READER_GONE
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.start import PYTHON_MINIMUM, too_old

FOR_ANY_PYTHON = ("doctor",)  # explains an old interpreter by itself

_OUTPUT_FAULTS = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))


def run_command(name: str, arguments: List[str]) -> int:
    """Run `sidecar.cli.<name>`, with _ for -, and return its exit code."""

    def work() -> int:
        if sys.version_info < PYTHON_MINIMUM and name not in FOR_ANY_PYTHON:
            raise too_old()
        return int(import_module("sidecar.cli." + name.replace("-", "_")).main(arguments))

    return _guarded("pose-sidecar " + name, work)


def answer(text: str) -> int:
    """Print a text and return the exit code."""

    def work() -> int:
        sys.stdout.write(text)
        return FINISHED

    return _guarded("pose-sidecar", work)


def _guarded(who: str, work: Callable[[], int]) -> int:
    fill_gaps()
    _let_any_path_be_printed()
    try:
        code = work()
        sys.stdout.flush()
        return code
    except Failure as failure:
        return _complain(who, failure)
    except ImportError as error:
        missing = _explained(error)
        if missing is None:
            raise
        return _complain(who, missing)
    except KeyboardInterrupt:
        sys.stderr.write(who + ": interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:  # `| head`: the reader has seen enough
        _silence()
        return READER_GONE
    except OSError as error:
        if error.filename is not None or error.errno not in _OUTPUT_FAULTS:
            raise
        sys.stderr.write("{}: the output cannot be written: {}\n".format(who, error.strerror))
        _silence()
        return DEFECT


def _let_any_path_be_printed() -> None:
    """File names need not be text: such bytes come in as surrogates, and shall go out as they were."""
    for stream in (sys.stdout, sys.stderr):
        if stream.errors == "strict":
            stream.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]


def _complain(who: str, failure: Failure) -> int:
    sys.stderr.write("{}: {}: {}\n  {}\n".format(who, failure.code, failure.message, failure.hint))
    return INIT_FAILED


def _explained(error: ImportError) -> Optional[Failure]:
    """What is wrong with a third-party module that could not be imported; None: it is one of ours, a defect."""
    module = (error.name or "").partition(".")[0]
    if module in ("", "sidecar"):
        return None
    from sidecar.bootstrap.probe import import_or_fail

    try:
        import_or_fail(module, module)
    except Failure as failure:
        return failure
    return None


def _silence() -> None:
    """What is still buffered has nowhere to go; without this the interpreter would try once more, and complain."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())
    os.close(null)
