"""errors.json -> sidecar/wire/generated/codes.py."""

from __future__ import annotations

from scripts.generate.contract import NOTICE, error_codes

_HEAD = f'''"""Error codes. {NOTICE} Standard library only, Python 3.8."""

from __future__ import annotations

from typing import Dict, NamedTuple


class ErrorCode(NamedTuple):
    """What protocol/errors.json says of a code."""

    meaning: str
    scope: str
    retryable: bool
    fatal: bool

'''


def render() -> str:
    """Return the module's text."""
    codes = error_codes()
    constants = "".join(f'{code} = "{code}"\n' for code in codes)
    rows = "".join(
        f"    {code}: ErrorCode(\n        {facts['meaning']!r},\n        scope={facts['scope']!r},\n"
        f"        retryable={facts['retryable']},\n        fatal={facts['fatal']},\n    ),\n"
        for code, facts in codes.items()
    )
    return f"{_HEAD}\n{constants}\nCODES: Dict[str, ErrorCode] = {{\n{rows}}}\n"
