"""`python -m sidecar`: the daemon, or one of its commands. Standard library only, Python 3.8."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sidecar.bootstrap.argv import ServeFlags


def main() -> int:
    """Run what the command line asks for; returns the exit code. The daemon itself ends the process."""
    has_working_directory = _leave_deleted_directory()
    _forget_working_directory()
    from sidecar.bootstrap import argv, exit_codes

    arguments = sys.argv[1:]
    if arguments and arguments[0] in argv.SUBCOMMANDS:
        if not has_working_directory:  # relative paths would mean other places
            sys.stderr.write("pose-sidecar: the working directory was deleted; change to one that exists\n")
            return exit_codes.USAGE
        from sidecar.bootstrap.command import run_command

        return run_command(arguments[0], arguments[1:])
    try:
        flags = argv.parse_serve(arguments)
    except argv.UsageError as error:
        sys.stderr.write("pose-sidecar: {}\nTry: python -m sidecar --help\n".format(error))
        return exit_codes.USAGE
    if isinstance(flags, argv.Answer):
        from sidecar.bootstrap.command import answer

        return answer(flags.text)
    try:
        code = _run_daemon(flags)
    except Exception:
        sys.excepthook(*sys.exc_info())
        code = exit_codes.DEFECT
    sys.stderr.flush()
    # Everything is closed. The interpreter's own teardown would wait for threads of native runtimes.
    os._exit(code)


def _run_daemon(flags: ServeFlags) -> int:
    from sidecar.bootstrap.exit_codes import INIT_FAILED
    from sidecar.bootstrap.start import say_hello

    start = say_hello(flags)
    if start is None:
        return INIT_FAILED
    from sidecar.daemon.serve import serve  # not before HELLO, and never on an old interpreter

    return serve(flags, start)


def _leave_deleted_directory() -> bool:
    """A host may outlive the directory it was started in, and its daemons shall start all the same."""
    try:
        os.getcwd()
    except OSError:
        os.chdir(os.sep)
        return False
    return True


def _forget_working_directory() -> None:
    """`-m` puts the working directory first on the path: a numpy.py beside someone's pictures must not be imported."""
    here = os.getcwd()
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.path and sys.path[0] in ("", here) and os.path.realpath(here) != os.path.realpath(home):
        del sys.path[0]


if __name__ == "__main__":
    sys.exit(main())
