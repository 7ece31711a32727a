"""The literal command that mends an installation, for the interpreter that needs it."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from dataclasses import dataclass

from sidecar.bootstrap import packages


@dataclass(frozen=True)
class Remedy:
    """What to do next: a sentence for people, and the command in it when a command alone does it."""

    hint: str
    command: str | None


def install(wanted: packages.Pin) -> Remedy:
    """Install a pinned distribution that is absent, with every other one of the core that is absent too.

    A folder of metadata without its module (another OpenCV was uninstalled, say) makes pip believe that nothing is to
    be done, so such a one is reinstalled by force.
    """
    have = packages.installed()
    if packages.provider_of(wanted, have) is not None:
        return reinstall(wanted)
    absent = [pin for pin in packages.pins("requirements-core.txt") if packages.provider_of(pin, have) is None]
    if wanted.package in packages.TORCH_FAMILY:
        absent = [pin for pin in packages.pins() if pin.package in packages.TORCH_FAMILY]
    specs = [pin.spec for pin in absent] if wanted in absent else [wanted.spec]
    return _by_pip("install " + " ".join(specs))


def reinstall(wanted: packages.Pin) -> Remedy:
    """Install over what is there. For `cv2`, whatever brings it goes first, so that one provider is left."""
    have = packages.installed()
    fresh = "install --force-reinstall --no-deps " + wanted.spec
    if wanted.module == "cv2":
        providers = [name for name in packages.OPENCV_PROVIDERS if name in have]
        if providers:
            return _by_pip("uninstall -y " + " ".join(providers), fresh)
    return _by_pip(fresh)


def install_pair() -> Remedy:
    """Install the torch and torchvision that were tried together, over the pair that does not match."""
    specs = [pin.spec for pin in packages.pins() if pin.package in packages.TORCH_FAMILY]
    return _by_pip("install --force-reinstall " + " ".join(specs))


def python(arguments: str) -> str:
    """A command line of this interpreter: its quoted path, then `arguments`."""
    return f"{quoted(sys.executable)} {arguments}"


def quoted(path: str) -> str:
    """A path for the platform's shell. Double quotes do for every shell unless the path holds what they expand."""
    if os.name == "posix" and any(character in path for character in '"$`\\!'):
        return "'" + path.replace("'", "'\\''") + "'"
    return f'"{path}"'


def in_virtual_environment() -> bool:
    """Does this interpreter belong to a virtual environment?"""
    return sys.prefix != sys.base_prefix


def externally_managed() -> bool:
    """Does the operating system own this interpreter and forbid pip to touch it (PEP 668)?"""
    marker = os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    return not in_virtual_environment() and os.path.exists(marker)


def _by_pip(*steps: str) -> Remedy:
    if externally_managed():
        return Remedy(
            "The operating system owns this interpreter and forbids pip to change it. Make a virtual environment "
            "({}), install pose-sidecar there, and start the daemon with its python.".format(python("-m venv .venv")),
            None,
        )
    commands = [python("-m pip " + step) for step in steps]
    if importlib.util.find_spec("pip") is None:
        if importlib.util.find_spec("ensurepip") is None:
            return Remedy(
                "This interpreter has no pip. Install {} with the tool that made its environment, such as "
                "uv pip install --python {}.".format(steps[-1].split(" ")[-1], quoted(sys.executable)),
                None,
            )
        commands.insert(0, python("-m ensurepip --upgrade"))
    command = " && ".join(commands)
    return Remedy("Run: " + command, command)
