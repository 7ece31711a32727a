"""A module that is not there: one INIT_FAILED that names it, and whose command brings it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.bootstrap.packages import pin_of, pins
from tests.readiness.expect import init_failed, ready, skip_without_weights
from tests.readiness.scratch import Scratch
from tests.readiness.wheelhouse import repack

# module -> an estimator that needs it
NEEDED = {
    "numpy": "null",
    "cv2": "null",
    "orjson": "null",
    "msgpack": "null",
    "loguru": "null",
    "psutil": "null",
    "openvino": "blazepose",
}


@pytest.mark.parametrize("module", NEEDED)
def test_an_absent_module_is_named_and_the_command_of_its_hint_mends_it(module: str, tmp_path: Path) -> None:
    pin = pin_of(module)
    assert pin
    scratch = Scratch(tmp_path, hidden=[pin.package])

    broken = scratch.start("--estimator", NEEDED[module])

    failure = init_failed(broken, scratch)
    assert (failure["code"], failure["phase"]) == ("IMPORT_FAILED", "importing")
    assert (failure["module"], failure["package"]) == (module, pin.package)
    assert failure["message"].startswith(f"the module {module} is not installed for {scratch.python}")
    assert failure["command"] == f'"{scratch.python}" -m pip install {pin.spec}'
    assert failure["details"]["reason"] == "absent"
    if NEEDED[module] == "blazepose":
        skip_without_weights()

    wheels = tmp_path / "wheels"
    repack(pin.package, wheels)
    scratch.obey(failure["command"], wheels=wheels)
    report = {row["package"]: row for row in ready(scratch.start("--estimator", NEEDED[module]))["imports"]}
    assert (report[pin.package]["status"], report[pin.package]["version"]) == ("imported", pin.version)


def test_an_empty_interpreter_is_mended_by_one_command(tmp_path: Path) -> None:
    """One round for everything that is absent, not one for each package."""
    small = ["loguru", "msgpack", "orjson", "psutil"]
    scratch = Scratch(tmp_path, hidden=small)
    failure = init_failed(scratch.start("--estimator", "null"), scratch)
    wheels = tmp_path / "wheels"
    for package in small:
        assert pin_of(package).spec in failure["command"]  # type: ignore[union-attr]
        repack(package, wheels)
    scratch.obey(failure["command"], wheels=wheels)
    ready(scratch.start("--estimator", "null"))


def test_an_environment_without_pip_gets_pip_by_the_same_command(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["pip", "orjson"])
    failure = init_failed(scratch.start("--estimator", "null"), scratch)
    assert "-m ensurepip" in failure["command"]
    repack("orjson", tmp_path / "wheels")
    scratch.obey(failure["command"], wheels=tmp_path / "wheels")
    ready(scratch.start("--estimator", "null"))


def test_ready_lists_every_package_and_says_which_are_needed(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    imports = ready(scratch.start("--estimator", "null"))["imports"]
    assert [row["package"] for row in imports] == [pin.package for pin in pins()]
    assert {row["module"] for row in imports if row["required"]} == {
        "numpy", "cv2", "orjson", "msgpack", "loguru", "psutil",
    }  # fmt: skip
    assert all(row["status"] == "imported" for row in imports if row["required"])
    assert all(row["needed_by"] for row in imports)


def test_packages_that_the_model_does_not_need_are_looked_up_by_name_only(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["torch", "torchvision"])
    bomb = "raise SystemExit('torch was imported')\n"
    scratch.add("torch", "2.12.0", {"torch/__init__.py": bomb})
    scratch.add("torchvision", "0.27.0", {"torchvision/__init__.py": bomb}, requires=["torch==2.12.0"])
    imports = {row["package"]: row for row in ready(scratch.start("--estimator", "null"))["imports"]}
    assert (imports["torch"]["status"], imports["torch"]["version"]) == ("present", "2.12.0")
    assert imports["torchvision"]["status"] == "present"
    assert imports["openvino"]["status"] == "present"
    assert imports["torch"]["needed_by"] == ["vitpose", "hmr2", "hybrid", "torchvision"]
