"""Import a module, or say in one Failure what is wrong with it and what mends it.

Four things go wrong at an import, and each has another cure: the module is absent, a shared library under it is
missing, it does not fit its neighbours, or its own code raised. An illegal instruction ends the process instead; the
`progress` message that the caller sends before each probe leaves the module's name on record.

OpenCV: any 4.x provider of `cv2` will do. 5.x is refused, not warned of: its `warpPerspective` interpolates
differently and moves landmarks by half a pixel on average. Wrong numbers that look right are worse than a start-up
that fails with the command that mends it.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
import traceback
from types import ModuleType

from sidecar.bootstrap import packages, remedy
from sidecar.bootstrap.failure import Failure, traceback_tail

OPENCV_MAJOR = 4

_MISSING_LIBRARY = (
    re.compile(r"(?P<library>[\w.+-]+\.so[\w.]*): cannot open shared object file"),
    re.compile(r"Library not loaded: (?P<library>\S+)"),
    re.compile(r"Error loading shared library (?P<library>[\w.+-]+)"),  # musl
    re.compile(r"(?P<library>DLL) load failed while importing \S+ The specified module"),  # Windows does not say which
)
_INCOMPATIBLE = (
    re.compile(r"operator torchvision::\w+ does not exist"),
    re.compile(r"Couldn't load custom C\+\+ ops"),
    re.compile(r"compiled with different CUDA major versions|compiled with different major versions"),
    re.compile(r"compiled (using|against) NumPy"),
    re.compile(r"numpy\.\w+ size changed"),
    re.compile(r"numpy\.core\.multiarray failed to import|_ARRAY_API not found"),
    re.compile(r"module compiled against API version"),
    re.compile(r"undefined symbol: \S+|Symbol not found: \S+"),
    re.compile(r"version `[^']+' not found"),
    re.compile(r"The specified procedure could not be found"),
)


def present_or_fail(requirement_module: str, package: str) -> None:
    """Import nothing, but raise the Failure of an import where the module is not even there."""
    if importlib.util.find_spec(requirement_module.partition(".")[0]) is None:
        import_or_fail(requirement_module, package)


def import_or_fail(requirement_module: str, package: str, phase: str = "importing") -> ModuleType:
    """Import a module, or raise the Failure that explains why it cannot be.

    Args:
        requirement_module: import name, such as `cv2`.
        package: distribution that brings it; requirements.txt decides where it knows better (the OpenCV of this
            platform).
        phase: start-up phase for the report.

    Raises:
        Failure: IMPORT_FAILED or INCOMPATIBLE, with the distribution, the reason and the fix.
    """
    pin = packages.pin_of(requirement_module) or packages.Pin(package, "", requirement_module, ())
    clash = packages.clash_of(pin.package, packages.installed())
    if clash and clash.is_certain:  # found before the import, which may end the process instead of raising
        raise _incompatible(pin, phase, str(clash), None)
    if requirement_module == "openvino":
        # Its telemetry looks up a host and writes into the home directory; without the module a stub takes over.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        module = importlib.import_module(requirement_module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module that calls sys.exit() at import is broken too, not in charge
        raise _classified(error, pin, phase) from error
    if requirement_module == "cv2":
        _check_opencv(module, pin, phase)
    _check_origin(module, pin, phase)
    return module


def _classified(error: BaseException, pin: packages.Pin, phase: str) -> Failure:
    text = _chain_text(error)
    for pattern in _MISSING_LIBRARY:
        match = pattern.search(text)
        if match:
            return _library_missing(pin, phase, match.group("library"), error)
    for pattern in _INCOMPATIBLE:
        match = pattern.search(text)
        if match:
            return _incompatible(pin, phase, match.group(0), error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _absent(pin, phase, error.name, error)
    return _raised(pin, phase, error)


def _absent(pin: packages.Pin, phase: str, name: str, error: BaseException) -> Failure:
    top = name.partition(".")[0]
    if top == pin.module.partition(".")[0]:
        missing, cause = pin, ""
    else:
        missing = packages.pin_of(top) or packages.Pin(top.replace("_", "-"), "", top, ())
        cause = f"; {pin.module} needs it"
    provider = packages.provider_of(missing, packages.installed())
    if provider and _stand_in(missing):
        return _shadowed(missing, phase, _stand_in(missing), error)
    if provider:
        message = f"{provider.package} {provider.version} is installed, but its module {name} is not there{cause}"
    else:
        message = f"the module {name} is not installed for {sys.executable}{cause}"
    return _failure("IMPORT_FAILED", missing, phase, message, "absent", remedy.install(missing), error)


def _library_missing(pin: packages.Pin, phase: str, library: str, error: BaseException) -> Failure:
    named = "a shared library" if library == "DLL" else f"the shared library {library}"
    message = f"{pin.module} is installed, but {named} that it loads is missing"
    provider = packages.provider_of(pin, packages.installed())
    if pin.module == "cv2" or (provider and packages.carries(provider, library)):
        fix = remedy.reinstall(pin)
    else:
        fix = remedy.Remedy(
            f"Install the system package that brings {library} (on Debian and Ubuntu: apt-file search {library}), "
            f"or reinstall {pin.package} if it should bring the library itself.",
            None,
        )
    return _failure("IMPORT_FAILED", pin, phase, message, "shared_library_missing", fix, error, library=library)


def _incompatible(pin: packages.Pin, phase: str, evidence: str, error: BaseException | None) -> Failure:
    have = packages.installed()
    provider = packages.provider_of(pin, have)
    neighbour = {"torchvision": "torch", "torch": "torchvision"}.get(pin.package, "numpy")
    versions = {one.package: one.version for one in (provider, have.get(neighbour)) if one}
    versions["python"] = "{}.{}.{}".format(*sys.version_info[:3])
    named = " and ".join(f"{name} {version}" for name, version in versions.items())
    fix = remedy.install_pair() if pin.package in packages.TORCH_FAMILY else remedy.reinstall(pin)
    message = f"these do not work together: {named} ({evidence})"
    return _failure("INCOMPATIBLE", pin, phase, message, "incompatible", fix, error, versions=versions)


def _raised(pin: packages.Pin, phase: str, error: BaseException) -> Failure:
    said = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]
    message = f"importing {pin.module} raised {said}"
    origin = _stand_in(pin)
    if origin:
        return _shadowed(pin, phase, origin, error)
    return _failure("IMPORT_FAILED", pin, phase, message, "raised", remedy.reinstall(pin), error)


def _shadowed(pin: packages.Pin, phase: str, origin: str, error: BaseException | None) -> Failure:
    message = f"{origin} was imported as {pin.module} in the place of the installed package"
    fix = remedy.Remedy(f"Rename or remove {origin}, or start in another directory.", None)
    return _failure("IMPORT_FAILED", pin, phase, message, "shadowed", fix, error, origin=origin)


def _stand_in(pin: packages.Pin) -> str:
    """The file that an import of this module finds when it is not the installed distribution's, else ''."""
    provider = packages.provider_of(pin, packages.installed())
    try:
        spec = importlib.util.find_spec(pin.module)
    except (ImportError, ValueError):
        return ""
    if provider is None or spec is None or not spec.origin:
        return ""
    home = os.path.abspath(os.path.dirname(provider.folder))
    inside = os.path.abspath(spec.origin).startswith(home + os.sep)
    return "" if inside else spec.origin


def _check_origin(module: ModuleType, pin: packages.Pin, phase: str) -> None:
    """A `numpy.py` in the working directory imports without an error and lacks everything."""
    file = getattr(module, "__file__", None)
    if file and os.path.realpath(os.path.dirname(file)) == os.path.realpath(os.getcwd()) and _stand_in(pin):
        raise _shadowed(pin, phase, file, None)


def _check_opencv(module: ModuleType, pin: packages.Pin, phase: str) -> None:
    version = str(getattr(module, "__version__", "unknown"))
    if version.split(".")[0] != str(OPENCV_MAJOR):
        message = (
            f"OpenCV {version} is installed where {OPENCV_MAJOR}.x is needed (pinned: {pin.version}): another major "
            "interpolates images differently and moves every landmark"
        )
        versions = {"found": version, "needed": f"{OPENCV_MAJOR}.x"}
        raise _failure(
            "INCOMPATIBLE", pin, phase, message, "incompatible", remedy.reinstall(pin), None, versions=versions
        )


def _failure(
    code: str,
    pin: packages.Pin,
    phase: str,
    message: str,
    reason: str,
    fix: remedy.Remedy,
    error: BaseException | None,
    **details: object,
) -> Failure:
    double = packages.double_opencv(packages.installed()) if pin.module == "cv2" else []
    if double:
        message += "; installed twice: " + ", ".join(f"{one.package} {one.version}" for one in double)
    return Failure(
        code=code,
        phase=phase,
        module=pin.module,
        package=pin.package,
        message=message,
        hint=fix.hint,
        command=fix.command,
        retryable=False,
        traceback_tail=None if error is None else traceback_tail(error),
        details={"reason": reason, **details},
    )


def _chain_text(error: BaseException) -> str:
    """The messages of an exception and of those that led to it: packages like numpy wrap the telling one."""
    texts: list[str] = []
    link: BaseException | None = error
    while link is not None and len(texts) < 16:
        texts.append(str(link))
        link = link.__cause__ or link.__context__
    return "\n".join(texts)
