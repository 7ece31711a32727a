"""What requirements.txt asks for and what this interpreter has, read from names on disk: nothing is imported.

requirements.txt is the one source of truth, in a checkout and in a wheel (which carries it as `sidecar/_data/`).
Installed versions come from the names of the `*.dist-info` folders on `sys.path`: `importlib.metadata` reads the same
names, and importing it costs 20 to 40 ms of a start-up of 800.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import Iterable, Iterator

from sidecar.data import data_path

# distribution -> (import name, who needs it). A test keeps this table in step with requirements.txt.
PURPOSE = {
    "av": ("av", ("video",)),
    "filelock": ("filelock", ("models pull", "video")),
    "httpx": ("httpx", ("models pull",)),
    "loguru": ("loguru", ("daemon",)),
    "msgpack": ("msgpack", ("daemon",)),
    "numpy": ("numpy", ("daemon", "every estimator")),
    "opencv-python": ("cv2", ("image decoding", "blazepose", "rtmdet", "overlay")),
    "opencv-python-headless": ("cv2", ("image decoding", "blazepose", "rtmdet", "overlay")),
    "openvino": ("openvino", ("blazepose", "rtmdet")),
    "orjson": ("orjson", ("daemon",)),
    "psutil": ("psutil", ("daemon",)),
    "rich": ("rich", ("command line",)),
    "scipy": ("scipy", ("tracking",)),
    "torch": ("torch", ("vitpose", "hmr2", "hybrid", "torchvision")),
    "torchvision": ("torchvision", ("torchvision", "its person detectors")),
}

# Every distribution that brings `cv2`. Two of them overwrite each other's files.
OPENCV_PROVIDERS = (
    "opencv-python-headless",
    "opencv-python",
    "opencv-contrib-python-headless",
    "opencv-contrib-python",
)
TORCH_FAMILY = ("torch", "torchvision")

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;#]+)\s*(;\s*sys_platform (?P<op>[!=]=) \"(?P<os>\w+)\")?"
)
_EXACT_REQUIREMENT = re.compile(
    r"^Requires-Dist:\s*(?P<name>[A-Za-z0-9._-]+)\s*\(?\s*==\s*(?P<version>[^\s;,)*]+)\)?\s*$"
)


@dataclass(frozen=True)
class Pin:
    """One line of requirements.txt that applies to this platform."""

    package: str
    version: str
    module: str
    needed_by: tuple[str, ...]

    @property
    def spec(self) -> str:
        """What pip is asked for, such as `numpy==2.4.6`; the name alone for a module that nobody pinned."""
        return self.package + "==" + self.version if self.version else self.package


@dataclass(frozen=True)
class Installed:
    """A distribution on `sys.path`: its normalised name, its version, its metadata folder."""

    package: str
    version: str
    folder: str


@dataclass(frozen=True)
class Clash:
    """An installed distribution that was built for another version of `other` than the installed one.

    Attributes:
        is_certain: it names that version exactly. Otherwise the versions agree and the builds seem not to.
    """

    package: Installed
    other: Installed
    wanted: str
    is_certain: bool

    def __str__(self) -> str:
        return "{} {} was built for {} {}, but {} {} is installed".format(
            self.package.package,
            self.package.version,
            self.other.package,
            self.wanted,
            self.other.package,
            self.other.version,
        )


def pins(file: str = "requirements.txt") -> list[Pin]:
    """The pins of a requirements file and of the files it includes, those of other platforms left out."""
    found: list[Pin] = []
    for line in data_path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found.extend(pins(line[3:].strip()))
            continue
        match = _PIN.match(line)
        if match and _applies(match.group("op"), match.group("os")):
            name = _normalised(match.group("name"))
            module, needed_by = PURPOSE.get(name, (name.replace("-", "_"), ()))
            found.append(Pin(name, match.group("version"), module, needed_by))
    return found


def pin_of(module_or_package: str) -> Pin | None:
    """The pin of an import name or a distribution name, None when requirements.txt has none."""
    wanted = _normalised(module_or_package)
    return next((pin for pin in pins() if wanted in (pin.package, _normalised(pin.module))), None)


def installed(paths: Iterable[str] | None = None) -> dict[str, Installed]:
    """Every distribution of this interpreter by normalised name; the first one on `sys.path` wins, as in an import."""
    found: dict[str, Installed] = {}
    for path in sys.path if paths is None else paths:
        for distribution in _distributions_in(path or os.curdir):
            found.setdefault(distribution.package, distribution)
    return found


def provider_of(pin: Pin, have: dict[str, Installed]) -> Installed | None:
    """The installed distribution that answers a pin: for `cv2` any of its providers, else the one of that name."""
    names = (pin.package, *OPENCV_PROVIDERS) if pin.module == "cv2" else (pin.package,)
    return next((have[name] for name in names if name in have), None)


def double_opencv(have: dict[str, Installed]) -> list[Installed]:
    """The installed providers of `cv2` when there are two or more, else nothing."""
    providers = [have[name] for name in OPENCV_PROVIDERS if name in have]
    return providers if len(providers) > 1 else []


def clash_of(package: str, have: dict[str, Installed]) -> Clash | None:
    """Does an installed package demand exactly another version of one that is installed? (torchvision does of torch.)

    A torchvision of the registry beside a CPU-only torch (`2.12.0+cpu`) is likely to be one too: the versions agree
    and `torchvision::nms` is missing all the same, but not on every platform, so only the import can tell.
    """
    mine = have.get(_normalised(package))
    if mine is None:
        return None
    for name, wanted in _exact_requirements(mine):
        other = have.get(name)
        if other is None:
            continue
        if _public(other.version) != _public(wanted):
            return Clash(mine, other, wanted, is_certain=True)
        if mine.package == "torchvision" and (_build(mine.version), _build(other.version)) == ("", "+cpu"):
            return Clash(mine, other, _public(wanted) + " with CUDA", is_certain=False)
    return None


def carries(distribution: Installed, file: str) -> bool:
    """Does a distribution list a file of this name as its own? Then it is broken, else the file is the system's."""
    try:
        with open(os.path.join(distribution.folder, "RECORD"), encoding="utf-8", errors="replace") as record:
            return any(os.path.basename(line.partition(",")[0]) == file for line in record)
    except OSError:
        return False


def imports_report(required: set[str]) -> list[dict[str, object]]:
    """READY.imports: every package of requirements.txt with its status. Imports nothing.

    Args:
        required: import names (`cv2`, not `opencv-python`) that the chosen estimator and the daemon need.

    Returns:
        One row a pin: package, module, version, needed_by, required, message and a status: `imported` (in use now),
        `present` (installed, not loaded), `absent`, or `mismatched` (another major version than the pinned one, or
        one that its neighbour was not built for).
    """
    have = installed()
    return [_row(pin, have, pin.module in required) for pin in pins()]


def install_warnings() -> list[dict[str, str]]:
    """Entries for READY.warnings about installed packages: two OpenCVs in one interpreter."""
    double = double_opencv(installed())
    if not double:
        return []
    names = " and ".join(f"{one.package} {one.version}" for one in double)
    return [
        {
            "code": "double_install",
            "message": f"{names} both bring cv2 and overwrite each other's files; which one is in use is chance.",
            "hint": "Keep one of them: uninstall all, then install the one you want.",
        }
    ]


def _row(pin: Pin, have: dict[str, Installed], required: bool) -> dict[str, object]:
    provider = provider_of(pin, have)
    module = sys.modules.get(pin.module)
    version = provider.version if provider else _version_attribute(module)
    clash = clash_of(pin.package, have)
    message = None
    status = "imported" if module is not None else "absent" if version is None else "present"
    if version is not None and version.split(".")[0] != pin.version.split(".")[0]:
        status, message = "mismatched", f"version {version}; {pin.spec} is what was tried"
    elif clash:
        status, message = "mismatched", str(clash)
    elif provider and provider.package != pin.package:
        message = f"provided by {provider.package}"
    double = double_opencv(have) if pin.module == "cv2" else []
    if double:
        message = "installed twice: " + ", ".join(f"{one.package} {one.version}" for one in double)
    return {
        "package": pin.package,
        "module": pin.module,
        "status": status,
        "version": version,
        "needed_by": list(pin.needed_by),
        "required": required,
        "message": message,
    }


def _distributions_in(path: str) -> Iterator[Installed]:
    try:
        names = sorted(os.listdir(path))
    except OSError:  # a zip, a file, or a folder that is not there: nothing this scan can read
        return
    for name in names:
        if name.endswith(".dist-info"):
            package, _, version = name[: -len(".dist-info")].partition("-")
            if version:
                yield Installed(_normalised(package), version, os.path.join(path, name))


def _exact_requirements(distribution: Installed) -> Iterator[tuple[str, str]]:
    try:
        with open(os.path.join(distribution.folder, "METADATA"), encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.strip():  # the description follows the headers
                    return
                match = _EXACT_REQUIREMENT.match(line.rstrip())
                if match:
                    yield _normalised(match.group("name")), match.group("version")
    except OSError:
        return


def _applies(operator: str | None, platform: str | None) -> bool:
    return operator is None or (sys.platform == platform) == (operator == "==")


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _public(version: str) -> str:
    return version.partition("+")[0]


def _build(version: str) -> str:
    return "".join(version.partition("+")[1:])


def _version_attribute(module: object) -> str | None:
    version = getattr(module, "__version__", None)
    return None if version is None else str(version)
