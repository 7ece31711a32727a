"""An interpreter of its own that has everything ours has, but for what a test hides or breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from tests.paths import ROOT

LIMIT_S = 50.0


@dataclass(frozen=True)
class Session:
    """What one run of the daemon said."""

    messages: list[dict[str, Any]]
    exit_code: int
    stderr: str

    @property
    def last(self) -> dict[str, Any]:
        return self.messages[-1]

    @property
    def phases(self) -> list[str]:
        return [message["phase"] for message in self.messages if message["type"] == "progress"]


class Scratch:
    """A virtual environment without the distributions in `hidden`.

    The others are links in a folder beside it, which a `.pth` file names: outside the environment pip removes
    nothing, so no test can reach through a link into the real one.
    """

    def __init__(self, folder: Path, *, hidden: Collection[str] = (), home: Path = ROOT) -> None:
        self.folder = folder
        self.home = home  # where the package lies that is run
        environment = folder / "env"
        venv.create(environment, symlinks=True, with_pip=False)
        self.python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.site_packages = next(environment.rglob("site-packages"))
        farm = folder / "farm"
        farm.mkdir()
        _link_installed(farm, hidden)
        (self.site_packages / "farm.pth").write_text(f"{farm}\n")

    def add(
        self, name: str, version: str, files: Mapping[str, str] | None = None, *, requires: Collection[str] = ()
    ) -> None:
        """Install a distribution of our own: metadata, and the given files."""
        info = self.site_packages / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        headers = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {one}" for one in requires)]
        (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(headers) + "\n")
        (info / "INSTALLER").write_text("pip\n")
        for file, text in (files or {}).items():
            target = self.site_packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        listed = [*(files or {}), *(f"{info.name}/{one}" for one in ("METADATA", "INSTALLER", "RECORD"))]
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed))

    def add_estimator(self, name: str, requires: Collection[tuple[str, str]] = ()) -> None:
        """Install a plugin estimator that needs some modules and is the null estimator otherwise."""
        needed = "".join(f"Requirement({module!r}, {package!r}), " for module, package in requires)
        source = (
            "from dataclasses import replace\n"
            "from sidecar.estimators.null import SPEC as NULL\n"
            "from sidecar.estimators.protocol import Requirement\n"
            f"SPEC = replace(NULL, name={name!r}, requires=(*NULL.requires, {needed}))\n"
        )
        self.add(f"plugin-{name}", "1.0", {f"plugin_{name}.py": source})
        info = self.site_packages / f"plugin_{name}-1.0.dist-info"
        (info / "entry_points.txt").write_text(f"[pose_sidecar.estimators]\n{name} = plugin_{name}:SPEC\n")

    def start(self, *arguments: str, **environment: str) -> Session:
        """Run the daemon on empty input until it ends."""
        finished = self.run(*arguments, **environment)
        messages = [json.loads(line) for line in finished.stdout.splitlines()]
        return Session(messages, finished.returncode, finished.stderr.decode())

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """Run `python -m sidecar` with these arguments."""
        return subprocess.run(
            [self.python, "-m", "sidecar", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self.home,
            env=self._environment(environment),
            timeout=LIMIT_S,
            check=False,
        )

    def obey(self, command: str, *, wheels: Path, **environment: str) -> None:
        """Run a hint's command as a person would, by the shell; packages come from `wheels`, not from a network."""
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_NO_CACHE_DIR": "1"}
        finished = subprocess.run(
            command,
            shell=True,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=self._environment({**offline, **environment}),
            timeout=LIMIT_S,
            check=False,
        )
        assert finished.returncode == 0, f"{command}\n{finished.stdout}\n{finished.stderr}"

    def _environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        left_out = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        return {"POSE_CACHE_DIR": str(self.folder / "cache"), **kept, **changes}


def _link_installed(farm: Path, hidden: Collection[str]) -> None:
    for found in distributions(path=[path for path in sys.path if path.endswith("site-packages")]):
        if found.name.lower().replace("_", "-") in hidden or found.files is None:
            continue
        tops = {file.parts[0] for file in found.files if ".." not in file.parts} - {"__pycache__"}
        for top in tops:
            target, link = Path(str(found.locate_file(top))), farm / top
            if target.exists() and not link.exists():
                link.symlink_to(target)
