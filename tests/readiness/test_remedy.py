from __future__ import annotations

import importlib.util
import sys
import sysconfig
from pathlib import Path

import pytest

from sidecar.bootstrap import packages, remedy
from tests.readiness.test_packages import put


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "executable", "/opt/env/bin/python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(remedy, "externally_managed", lambda: False)
    for pin in packages.pins("requirements-core.txt"):
        put(tmp_path, pin.package, pin.version)
    return tmp_path


def pin(module: str) -> packages.Pin:
    found = packages.pin_of(module)
    assert found
    return found


def remove(site: Path, package: str) -> None:
    for info in site.glob(f"{package.replace('-', '_')}-*.dist-info"):
        for file in info.iterdir():
            file.unlink()
        info.rmdir()


def test_one_absent_package_is_installed_alone_and_pinned(site: Path) -> None:
    remove(site, "orjson")
    assert remedy.install(pin("orjson")).command == f'"/opt/env/bin/python" -m pip install {pin("orjson").spec}'


def test_all_absent_packages_of_the_core_are_installed_at_once(site: Path) -> None:
    for module in ("orjson", "numpy", "scipy"):
        remove(site, module)
    command = remedy.install(pin("orjson")).command
    assert command
    assert command.endswith(f"install {pin('numpy').spec} {pin('orjson').spec} {pin('scipy').spec}")


def test_torch_comes_with_its_pair_and_without_the_rest(site: Path) -> None:
    remove(site, "numpy")
    command = remedy.install(pin("torchvision")).command
    assert command
    assert command.endswith(f"install {pin('torch').spec} {pin('torchvision').spec}")


def test_metadata_without_a_module_is_reinstalled_by_force(site: Path) -> None:
    command = remedy.install(pin("psutil")).command
    assert command
    assert command.endswith(f"install --force-reinstall --no-deps {pin('psutil').spec}")


def test_a_broken_opencv_goes_before_the_pinned_one_comes(site: Path) -> None:
    put(site, "opencv-contrib-python", "4.10.0.84")
    command = remedy.reinstall(pin("cv2")).command
    assert command
    first, second = command.split(" && ")
    assert f"uninstall -y {pin('cv2').package} opencv-contrib-python" in first
    assert second.endswith(pin("cv2").spec)


def test_an_environment_without_pip_gets_pip_first(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else object())
    command = remedy.reinstall(pin("numpy")).command
    assert command
    assert command.startswith('"/opt/env/bin/python" -m ensurepip --upgrade && ')


def test_without_pip_and_ensurepip_there_is_a_sentence_and_no_command(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    fix = remedy.reinstall(pin("numpy"))
    assert fix.command is None
    assert pin("numpy").spec in fix.hint


def test_an_interpreter_of_the_system_gets_a_virtual_environment(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remedy, "externally_managed", lambda: True)
    fix = remedy.install(pin("numpy"))
    assert fix.command is None
    assert "-m venv" in fix.hint


def test_the_marker_of_the_system_counts_outside_of_virtual_environments_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(remedy, "in_virtual_environment", lambda: False)
    assert remedy.externally_managed()
    monkeypatch.setattr(remedy, "in_virtual_environment", lambda: True)
    assert not remedy.externally_managed()


@pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX quoting")
@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        pytest.param("/opt/my env/python", '"/opt/my env/python"', id="a space"),
        pytest.param("/opt/$HOME/python", "'/opt/$HOME/python'", id="a variable is not expanded"),
        pytest.param("/opt/it's `x`/python", "'/opt/it'\\''s `x`/python'", id="both kinds of quotes"),
    ],
)
def test_paths_reach_the_shell_unchanged(path: str, quoted: str) -> None:
    assert remedy.quoted(path) == quoted
