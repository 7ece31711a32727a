"""The daemon's own threads. None may die alone: a daemon that no longer reads or writes only looks alive."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from sidecar.bootstrap.exit_codes import DEFECT


def start_thread(name: str, run: Callable[[], None]) -> None:
    """Run on a thread of its own; an exception that gets out of it ends the process, traceback first."""

    def guarded() -> None:
        try:
            run()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(DEFECT)

    threading.Thread(target=guarded, name=name, daemon=True).start()
