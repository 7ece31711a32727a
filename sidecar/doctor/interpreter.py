"""The Python that runs, and the environment it belongs to."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Iterator

from sidecar.bootstrap import remedy
from sidecar.bootstrap.start import PYTHON_MINIMUM
from sidecar.doctor.finding import OK, PROBLEM, WARNING, Finding

GROUP = "interpreter"


def python_version(group: str) -> Finding:
    """Is this Python new enough?"""
    found = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info >= PYTHON_MINIMUM:
        return Finding(group, "Python", OK, found)
    needed = "{}.{}".format(*PYTHON_MINIMUM)
    hint = f"Install Python {needed} or newer and make a virtual environment with it: python{needed} -m venv .venv"
    return Finding(group, "Python", PROBLEM, f"{found}; {needed} or newer is needed", hint)


def virtual_environment(group: str) -> Finding:
    """Does it belong to an environment of its own?"""
    if remedy.in_virtual_environment():
        return Finding(group, "virtual environment", OK, sys.prefix)
    detail = f"none: packages are those of {sys.prefix}"
    hint = "Other programs share this interpreter's packages. Make an environment: " + remedy.python("-m venv .venv")
    return Finding(group, "virtual environment", WARNING, detail, hint)


def interpreter_facts() -> Iterator[Finding]:
    """The rest that matters for mending."""
    yield Finding(GROUP, "platform", OK, f"{platform.platform()} ({platform.machine()})")
    if importlib.util.find_spec("pip") is not None:
        yield Finding(GROUP, "pip", OK, "present")
    else:
        hint = "Run: " + remedy.python("-m ensurepip --upgrade")
        yield Finding(GROUP, "pip", WARNING, "absent: packages and weights cannot be fetched with it", hint)
    if remedy.externally_managed():
        hint = "Make a virtual environment: " + remedy.python("-m venv .venv")
        yield Finding(GROUP, "owner", WARNING, "the operating system; pip may not change it (PEP 668)", hint)
