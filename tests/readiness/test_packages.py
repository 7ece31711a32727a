from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from sidecar.bootstrap import packages
from tests.paths import ROOT


def put(folder: Path, name: str, version: str, *, requires: str = "", record: str = "") -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\n{requires}\n\nRequires-Dist: torch==9\n")
    (info / "RECORD").write_text(record)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def row(package: str, required: set[str] | None = None) -> dict[str, object]:
    return next(row for row in packages.imports_report(required or set()) if row["package"] == package)


def test_every_pin_of_requirements_txt_has_a_purpose_and_no_purpose_is_left_over() -> None:
    text = "".join((ROOT / name).read_text() for name in ("requirements.txt", "requirements-core.txt"))
    assert set(re.findall(r"^([a-z0-9-]+)==", text, re.M)) == set(packages.PURPOSE)


def test_the_pins_are_those_of_this_platform_with_the_included_file() -> None:
    names = [pin.package for pin in packages.pins()]
    assert names.count("opencv-python-headless") + names.count("opencv-python") == 1
    assert {"numpy", "torch", "torchvision"} <= set(names)
    assert "torch" not in [pin.package for pin in packages.pins("requirements-core.txt")]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_opencv_is_headless_on_linux_and_plain_elsewhere(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    pin = packages.pin_of("cv2")
    assert pin
    assert pin.package == ("opencv-python-headless" if platform == "linux" else "opencv-python")


def test_a_pin_is_found_by_module_and_by_distribution() -> None:
    assert packages.pin_of("cv2") == packages.pin_of(packages.pin_of("cv2").package)  # type: ignore[union-attr]
    assert packages.pin_of("nobody_has_this") is None


def test_what_is_installed_is_read_from_names(site: Path) -> None:
    put(site, "Foo_Bar", "1.2")
    (site / "broken.dist-info").mkdir()
    (site / "file.py").touch()
    assert {name: one.version for name, one in packages.installed().items()} == {"foo-bar": "1.2"}


def test_the_first_of_two_folders_wins_as_in_an_import(tmp_path: Path) -> None:
    for folder, version in (("first", "2.0"), ("second", "1.0")):
        (tmp_path / folder).mkdir()
        put(tmp_path / folder, "foo", version)
    found = packages.installed([str(tmp_path / "gone"), str(tmp_path / "first"), str(tmp_path / "second")])
    assert found["foo"].version == "2.0"


def test_an_empty_interpreter_reports_every_package_as_absent(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pin in packages.pins():
        monkeypatch.delitem(sys.modules, pin.module, raising=False)
    report = packages.imports_report({"cv2"})
    assert [one["package"] for one in report] == [pin.package for pin in packages.pins()]
    assert {one["status"] for one in report} == {"absent"}
    assert [one["module"] for one in report if one["required"]] == ["cv2"]
    assert all(one["needed_by"] for one in report)


def test_installed_and_not_loaded_is_present(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    put(site, "torch", "2.12.0")
    assert (row("torch")["status"], row("torch")["version"]) == ("present", "2.12.0")


def test_loaded_is_imported() -> None:
    import numpy

    assert (row("numpy")["status"], row("numpy")["version"]) == ("imported", numpy.__version__)


def test_the_report_imports_nothing(site: Path) -> None:
    put(site, "torch", "2.12.0")
    before = set(sys.modules)
    packages.imports_report(set())
    packages.install_warnings()
    assert set(sys.modules) == before


def test_another_major_is_mismatched_and_names_both(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    put(site, "opencv-python", "5.0.0.93")
    pin = packages.pin_of("cv2")
    assert pin
    found = row(pin.package)
    assert found["status"] == "mismatched"
    assert "5.0.0.93" in str(found["message"])
    assert pin.version in str(found["message"])


@pytest.mark.parametrize("provider", packages.OPENCV_PROVIDERS)
def test_any_provider_of_cv2_will_do(provider: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    put(site, provider, "4.10.0.84")
    pin = packages.pin_of("cv2")
    assert pin
    assert (row(pin.package)["status"], row(pin.package)["version"]) == ("present", "4.10.0.84")
    assert packages.install_warnings() == []


def test_two_opencvs_are_named_with_their_versions(site: Path) -> None:
    put(site, "opencv-python", "4.10.0.84")
    put(site, "opencv-contrib-python-headless", "4.14.0.94")
    (warning,) = packages.install_warnings()
    assert warning["code"] == "double_install"
    assert "opencv-python 4.10.0.84" in warning["message"]
    assert "opencv-contrib-python-headless 4.14.0.94" in warning["message"]


@pytest.mark.parametrize(
    ("torch", "torchvision", "requires", "clashes"),
    [
        pytest.param("2.12.0", "0.27.0", "Requires-Dist: torch==2.12.0", False, id="the pair that was built together"),
        pytest.param("2.12.0", "0.27.0", "Requires-Dist: torch (==2.12.0)", False, id="the older spelling"),
        pytest.param("2.13.0", "0.27.0", "Requires-Dist: torch==2.12.0", True, id="built for another torch"),
        pytest.param(
            "2.12.0+cpu", "0.27.0", "Requires-Dist: torch==2.12.0", True, id="another build of the same torch"
        ),
        pytest.param("2.12.0+cpu", "0.27.0+cpu", "Requires-Dist: torch==2.12.0", False, id="two CPU builds"),
        pytest.param("2.12.0a0+nv", "0.27.0", "Requires-Dist: torch==2.12.0a0", False, id="a vendor's build"),
        pytest.param("2.13.0", "0.27.0", "Requires-Dist: torch==2.*", False, id="a wildcard is no exact demand"),
        pytest.param("2.13.0", "0.27.0", 'Requires-Dist: torch==2.12.0 ; extra == "x"', False, id="an extra's demand"),
    ],
)
def test_a_clash_is_read_from_metadata(
    torch: str, torchvision: str, requires: str, clashes: bool, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    put(site, "torch", torch)
    put(site, "torchvision", torchvision, requires=requires)
    clash = packages.clash_of("torchvision", packages.installed())
    assert (clash is not None) is clashes
    assert row("torchvision")["status"] == ("mismatched" if clashes else "present")
    if clashes:
        assert torch in str(row("torchvision")["message"])
        assert torchvision in str(row("torchvision")["message"])


def test_a_distribution_knows_its_own_files(site: Path) -> None:
    put(site, "foo", "1", record="foo/__init__.py,,\nfoo.libs/libbar-1a2b.so.3,sha256=x,12\n")
    foo = packages.installed()["foo"]
    assert packages.carries(foo, "libbar-1a2b.so.3")
    assert not packages.carries(foo, "libGL.so.1")


def test_metadata_that_is_gone_is_no_clash_and_no_crash(site: Path) -> None:
    (site / "torchvision-0.27.0.dist-info").mkdir()
    (site / "torch-2.13.0.dist-info").mkdir()
    assert packages.clash_of("torchvision", packages.installed()) is None
    assert not packages.carries(packages.installed()["torch"], "x")
