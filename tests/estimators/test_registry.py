"""Naming estimators, and finding those that other distributions bring."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sidecar.estimators import registry
from sidecar.estimators.protocol import LoadContext, OptionError
from tests.paths import ROOT

PLUGIN = Path(__file__).parent / "plugin" / "corner_pose.py"
PLUGIN_LINES_MAX = 40

BUILT_IN = ["blazepose", "hmr2", "hybrid", "null", "torchvision", "vitpose"]


def install(folder: Path, entries: str, *modules: Path) -> None:
    """What pip leaves behind: modules and a dist-info folder, in a folder of sys.path."""
    info = folder / "example_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: example-plugin\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{registry.ENTRY_POINT_GROUP}]\n{entries}\n", encoding="utf-8")
    for module in modules:
        (folder / module.name).write_bytes(module.read_bytes())


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_built_in_estimators_are_known() -> None:
    assert registry.names()[: len(BUILT_IN)] == BUILT_IN
    assert [registry.spec(name).name for name in BUILT_IN] == BUILT_IN


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OptionError, match="unknown estimator 'posenet'; known: " + ", ".join(BUILT_IN)):
        registry.spec("posenet")


def test_an_installed_plugin_is_listed_and_works(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "corner_pose", raising=False)
    install(site, "corners = corner_pose:SPEC", PLUGIN)
    assert registry.names() == [*BUILT_IN, "corners"]
    estimator = registry.spec("corners").create(LoadContext(options={}, threads=1, cache_dir=None))
    ((person,),) = estimator.estimate([np.zeros((30, 50, 3), np.uint8)])
    assert person.bbox_xyxy == (0.0, 0.0, 50.0, 30.0)
    assert estimator.info.skeleton.keypoints[2] == "bottom_right"
    monkeypatch.delitem(sys.modules, "corner_pose")


def test_the_example_plugin_stays_short() -> None:
    assert len(PLUGIN.read_text(encoding="utf-8").splitlines()) <= PLUGIN_LINES_MAX


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("broken = no_such_module:SPEC", "cannot be imported: ModuleNotFoundError"),
        ("broken = json:no_such_name", "cannot be imported: AttributeError"),
        ("broken = json:dumps", "must be an EstimatorSpec, got function"),
    ],
)
def test_a_broken_plugin_is_named_with_its_distribution(site: Path, entry: str, reason: str) -> None:
    install(site, entry)
    with pytest.raises(OptionError, match=f"'broken' .*from example-plugin.* {reason}"):
        registry.spec("broken")


def test_a_plugin_cannot_take_a_built_in_name(site: Path) -> None:
    install(site, "null = json:dumps")
    assert registry.names() == BUILT_IN
    assert registry.spec("null").summary.startswith("answers at once")


def test_naming_estimators_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from sidecar.estimators import registry\n"
        "for name in ('blazepose', 'null'): registry.spec(name)\n"
        "print([m for m in ('numpy', 'cv2', 'openvino', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
