"""Check any daemon: python -m tests.conformance [--wire frames|jsonl] [--patience S] -- COMMAND..."""

from __future__ import annotations

import argparse
import sys

from tests.conformance.requirements import read_requirements
from tests.conformance.runner import run_checks


def main() -> int:
    """Print one line per check and the text of every broken requirement; return 1 when there is one."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--wire", choices=("frames", "jsonl"), action="append", help="only this encoding")
    parser.add_argument("--patience", type=float, default=20.0, help="longest wait for anything, seconds")
    parser.add_argument("command", nargs="+", help="the daemon; --wire NAME is appended")
    options = parser.parse_args()
    texts = read_requirements()
    failed = 0
    for outcome in run_checks(options.command, wires=options.wire or ("frames", "jsonl"), patience_s=options.patience):
        names = " ".join(outcome.check.requirements)
        print(
            f"{'ok  ' if outcome.violation is None else 'FAIL'} {outcome.check.wire:6} {outcome.check.name}  [{names}]"
        )
        if outcome.violation is not None:
            failed += 1
            print(f"     {outcome.violation}")
            for name in outcome.check.requirements:
                print(f"     [{name}] {texts[name]}")
            if outcome.stderr:
                print("     its last words: " + outcome.stderr.replace("\n", "\n       "))
        sys.stdout.flush()
    print(f"{failed} checks failed" if failed else "every check passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
