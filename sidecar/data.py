"""Where the files live that are data, not code: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def data_path(*parts: str) -> Path:
    """Path of a data file or folder, such as `data_path("models", "manifest.json")`.

    Raises:
        FileNotFoundError: neither a checkout nor a wheel holds it; both places are named.
    """
    candidates = [_PACKAGE.joinpath("_data", *parts), _CHECKOUT.joinpath(*parts)]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise FileNotFoundError("not in this installation: " + " or ".join(str(path) for path in candidates))
