"""Wheels made of what is installed, so that a literal `pip install` runs without a network, in seconds."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path


def repack(name: str, folder: Path) -> Path:
    """Make a wheel of an installed distribution; returns its path."""
    folder.mkdir(exist_ok=True)
    found = distribution(name)
    tag = _tag(found)
    path = folder / f"{found.name.replace('-', '_')}-{found.version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file in found.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                wheel.write(str(file.locate()), file.as_posix())
    return path


def stub_wheel(
    name: str, version: str, folder: Path, files: Mapping[str, str | bytes], *, tag: str = "py3-none-any"
) -> Path:
    """Make a wheel that holds nothing but these files."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    contents[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*contents, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for file, content in contents.items():
            wheel.writestr(file, content)
    return path


def _tag(found: Distribution) -> str:
    lines = (found.read_text("WHEEL") or "").splitlines()
    return next(line.removeprefix("Tag: ") for line in lines if line.startswith("Tag: "))
