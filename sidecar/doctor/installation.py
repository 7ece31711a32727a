"""Packages: what is pinned, what is there, and whether it imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sidecar.bootstrap import packages, remedy
from sidecar.doctor.finding import OK, PROBLEM, WARNING, Finding
from sidecar.doctor.imports import Tried, try_imports

GROUP = "packages"
STARTING = frozenset({"daemon", "every estimator", "blazepose"})  # who needs a package for the default model to start


def try_core() -> dict[str, Tried]:
    """Import every module of requirements-core.txt."""
    return try_imports((pin.module, pin.package) for pin in packages.pins("requirements-core.txt"))


def import_finding(group: str, name: str, tried: Tried) -> Finding:
    """What one import came to."""
    pin = packages.pin_of(tried.module)
    if tried.failure:
        failure = tried.failure
        return Finding(group, name, PROBLEM, failure["message"], failure["hint"], failure["command"])
    if tried.ended:
        detail = f"importing {tried.module} ended the process: {tried.ended}"
        fix = remedy.reinstall(pin) if pin else remedy.Remedy("Reinstall it.", None)
        hint = f"Illegal instruction (signal 4): its build is for a newer processor. {fix.hint}"
        return Finding(group, name, PROBLEM, detail, hint, fix.command)
    provider = packages.provider_of(pin, packages.installed()) if pin else None
    by = f" (from {provider.package})" if provider and pin and provider.package != pin.package else ""
    return Finding(group, name, OK, "{}{}".format(provider.version if provider else tried.version or "present", by))


def package_findings(tried: dict[str, Tried], *, shown: set[str]) -> Iterator[Finding]:
    """Every package of requirements.txt but those already shown, then what is wrong with their company.

    Args:
        tried: imports of the core. Others (torch) are looked up by name only, for importing them takes seconds.
        shown: import names to leave out.
    """
    for row in packages.imports_report(set(tried)):
        module, package = str(row["module"]), str(row["package"])
        if module in shown:
            continue
        needed_by = [str(user) for user in cast("list[str]", row["needed_by"])]
        users = ", ".join(needed_by)
        if module in tried:
            found = import_finding(GROUP, package, tried[module])
            hurts = found.status == PROBLEM and not STARTING.isdisjoint(needed_by)
            status = found.status if found.status == OK or hurts else WARNING
            yield Finding(GROUP, package, status, _with(found.detail, users), found.hint, found.command)
        elif row["status"] == "mismatched":
            fix = remedy.install_pair()
            yield Finding(GROUP, package, WARNING, str(row["message"]), fix.hint, fix.command)
        else:
            pin = None if row["version"] else packages.pin_of(module)
            fix = remedy.install(pin) if pin else remedy.Remedy("", None)
            seen = str(row["version"] or "absent, optional")
            yield Finding(GROUP, package, OK, _with(seen, users), fix.hint or None, fix.command)
    for warning in packages.install_warnings():
        pin = packages.pin_of("cv2")
        fix = remedy.reinstall(pin) if pin else remedy.Remedy(warning["hint"], None)
        yield Finding(GROUP, "one OpenCV", WARNING, warning["message"], fix.hint, fix.command)


def _with(detail: str, users: str) -> str:
    return f"{detail} ({users})" if users else detail
