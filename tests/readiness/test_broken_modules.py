"""A module that is there and does not work: its library is missing, it does not fit, or it ends the process."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from sidecar.bootstrap.packages import OPENCV_PROVIDERS, pin_of
from tests.readiness.expect import init_failed, ready
from tests.readiness.scratch import Scratch
from tests.readiness.wheelhouse import repack, stub_wheel

LIBGL = "libGL.so.1: cannot open shared object file: No such file or directory"
PIN = pin_of("cv2")
assert PIN


def without_opencv(folder: Path) -> Scratch:
    return Scratch(folder, hidden=OPENCV_PROVIDERS)


def mend(scratch: Scratch, command: str, folder: Path) -> None:
    assert PIN
    repack(PIN.package, folder / "wheels")
    scratch.obey(command, wheels=folder / "wheels")
    report = {row["module"]: row for row in ready(scratch.start("--estimator", "null"))["imports"]}
    assert (report["cv2"]["status"], report["cv2"]["version"]) == ("imported", PIN.version)


def test_libgl_missing_under_opencv_is_named_and_the_headless_build_mends_it(tmp_path: Path) -> None:
    scratch = without_opencv(tmp_path)
    scratch.add("opencv-python", "4.14.0.94", {"cv2/__init__.py": f"raise ImportError({LIBGL!r})\n"})

    failure = init_failed(scratch.start("--estimator", "null"), scratch)

    assert (failure["code"], failure["module"]) == ("IMPORT_FAILED", "cv2")
    assert failure["details"] == {"reason": "shared_library_missing", "library": "libGL.so.1"}
    assert "libGL.so.1" in failure["message"]
    assert "libGL.so.1" in failure["traceback_tail"]
    mend(scratch, failure["command"], tmp_path)


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("gcc"), reason="platform: needs Linux and gcc")
def test_the_loader_itself_misses_a_library(tmp_path: Path) -> None:
    """No imitation: an extension module linked to a library that is gone."""
    scratch = without_opencv(tmp_path)
    gone = tmp_path / "libGLgone.so.1"
    (tmp_path / "gl.c").write_text("int gl(void) { return 0; }\n")
    (tmp_path / "cv2.c").write_text("int gl(void); void *PyInit_cv2(void) { gl(); return 0; }\n")
    built = tmp_path / f"cv2{sysconfig.get_config_var('EXT_SUFFIX')}"
    subprocess.run(["gcc", "-shared", "-fPIC", f"-Wl,-soname,{gone.name}", "-o", gone, tmp_path / "gl.c"], check=True)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", built, tmp_path / "cv2.c", gone], check=True)
    gone.unlink()
    scratch.add("opencv-contrib-python", "4.10.0.84", {f"cv2/{built.name}": ""})
    shutil.copy(built, scratch.site_packages / "cv2")
    (scratch.site_packages / "cv2" / "__init__.py").write_text("from .cv2 import *\n")

    failure = init_failed(scratch.start("--estimator", "null"), scratch)

    assert failure["details"]["library"] == gone.name
    mend(scratch, failure["command"], tmp_path)


def test_a_library_that_the_package_carries_itself_is_brought_back_by_a_reinstall(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["psutil"])
    source = "raise ImportError('libinner.so.3: cannot open shared object file: No such file or directory')\n"
    scratch.add("psutil", "7.2.2", {"psutil/__init__.py": source, "psutil.libs/libinner.so.3": ""})
    failure = init_failed(scratch.start("--estimator", "null"), scratch)
    assert failure["details"]["library"] == "libinner.so.3"
    repack("psutil", tmp_path / "wheels")
    scratch.obey(failure["command"], wheels=tmp_path / "wheels")
    ready(scratch.start("--estimator", "null"))


def test_a_library_of_the_system_is_named_in_a_sentence(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["psutil"])
    source = "raise ImportError('libc-of-tomorrow.so.9: cannot open shared object file: No such file or directory')\n"
    scratch.add("psutil", "7.2.2", {"psutil/__init__.py": source})
    failure = init_failed(scratch.start("--estimator", "null"), scratch)
    assert failure["command"] is None
    assert "system package that brings libc-of-tomorrow.so.9" in failure["hint"]


def test_opencv_5_is_incompatible_and_both_versions_are_named(tmp_path: Path) -> None:
    assert PIN
    scratch = without_opencv(tmp_path)
    scratch.add(PIN.package, "5.0.0.93", {"cv2/__init__.py": "__version__ = '5.0.0'\n"})
    failure = init_failed(scratch.start("--estimator", "null"), scratch)
    assert failure["code"] == "INCOMPATIBLE"
    assert "5.0.0" in failure["message"]
    assert PIN.version in failure["message"]
    mend(scratch, failure["command"], tmp_path)


@pytest.mark.parametrize("provider", sorted(set(OPENCV_PROVIDERS)))
def test_any_4_x_provider_of_opencv_will_do(provider: str, tmp_path: Path) -> None:
    assert PIN
    scratch = without_opencv(tmp_path)
    repack(PIN.package, tmp_path / "wheels")
    scratch.obey(f'"{scratch.python}" -m pip install --no-deps {PIN.spec}', wheels=tmp_path / "wheels")
    rename_distribution(scratch, PIN.package, provider)
    message = ready(scratch.start("--estimator", "null"))
    row = next(row for row in message["imports"] if row["module"] == "cv2")
    assert (row["status"], row["version"]) == ("imported", PIN.version)
    assert message["warnings"] == []


def test_a_double_install_is_a_warning_that_names_both(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.add("opencv-contrib-python", "4.10.0.84")
    (warning,) = ready(scratch.start("--estimator", "null"))["warnings"]
    assert warning["code"] == "double_install"
    assert "opencv-contrib-python 4.10.0.84" in warning["message"]


def rename_distribution(scratch: Scratch, old: str, new: str) -> None:
    before, after = (name.replace("-", "_") for name in (old, new))
    for info in scratch.site_packages.glob(f"{before}-*.dist-info"):
        info.rename(info.with_name(info.name.replace(before, after, 1)))


NMS = "operator torchvision::nms does not exist"


@pytest.mark.parametrize(
    ("torch", "torchvision", "source"),
    [
        pytest.param("2.13.0", "0.27.0", "raise SystemExit('imported')", id="another version: seen before the import"),
        pytest.param("2.12.0+cpu", "0.27.0", f"raise RuntimeError({NMS!r})", id="another build: seen at the import"),
        pytest.param("2.12.0", "0.27.0", f"raise RuntimeError({NMS!r})", id="seen at the import only"),
    ],
)
def test_a_torchvision_built_for_another_torch_is_incompatible_and_the_pair_mends_it(
    torch: str, torchvision: str, source: str, tmp_path: Path
) -> None:
    scratch = Scratch(tmp_path, hidden=["torch", "torchvision"])
    scratch.add("torch", torch, {"torch/__init__.py": ""})
    scratch.add("torchvision", torchvision, {"torchvision/__init__.py": f"{source}\n"}, requires=["torch==2.12.0"])
    scratch.add_estimator("heavy", requires=[("torch", "torch"), ("torchvision", "torchvision")])

    failure = init_failed(scratch.start("--estimator", "heavy"), scratch)

    assert (failure["code"], failure["module"]) == ("INCOMPATIBLE", "torchvision")
    assert f"torch {torch}" in failure["message"]
    assert f"torchvision {torchvision}" in failure["message"]
    wheels = tmp_path / "wheels"
    for name in ("torch", "torchvision"):
        pin = pin_of(name)
        assert pin
        stub_wheel(name, pin.version, wheels, {f"{name}/__init__.py": ""})
    scratch.obey(failure["command"], wheels=wheels)
    ready(scratch.start("--estimator", "heavy"))


@pytest.mark.torch
def test_the_real_pair_without_its_operators_is_incompatible_and_both_versions_are_named(tmp_path: Path) -> None:
    """No imitation: torchvision's library of operators does not load, as when it was built for another torch."""
    found = find_spec("torchvision")
    if found is None or found.origin is None or find_spec("torch") is None:
        pytest.skip("torch and torchvision are absent: scripts/setup --all")
    real = Path(found.origin).parent
    scratch = Scratch(tmp_path)
    broken = tmp_path / "farm" / "torchvision"
    broken.unlink()
    broken.mkdir()
    for entry in real.iterdir():
        if not entry.name.startswith("_C"):
            (broken / entry.name).symlink_to(entry)
    scratch.add_estimator("heavy", requires=[("torch", "torch"), ("torchvision", "torchvision")])

    failure = init_failed(scratch.start("--estimator", "heavy"), scratch)

    assert (failure["code"], failure["module"]) == ("INCOMPATIBLE", "torchvision")
    for name in ("torch", "torchvision"):
        assert f"{name} {version(name)}" in failure["message"]


def test_a_plugins_own_requirement_is_installed_by_its_name(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.add_estimator("exotic", requires=[("exotic_engine", "exotic-engine")])
    failure = init_failed(scratch.start("--estimator", "exotic"), scratch)
    assert (failure["module"], failure["package"]) == ("exotic_engine", "exotic-engine")
    stub_wheel("exotic_engine", "1.0", tmp_path / "wheels", {"exotic_engine/__init__.py": ""})
    scratch.obey(failure["command"], wheels=tmp_path / "wheels")
    ready(scratch.start("--estimator", "exotic"))


@pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX signals")
def test_an_illegal_instruction_at_an_import_leaves_phase_and_module_on_record(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["numpy"])
    source = "import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n"
    scratch.add("numpy", "2.4.6", {"numpy/__init__.py": source})
    session = scratch.start("--estimator", "null")
    assert session.exit_code == -signal.SIGILL
    assert session.last["type"] == "progress"
    assert (session.last["phase"], session.last["detail"]) == ("importing", "numpy")
