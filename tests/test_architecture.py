"""The folder tree is the architecture diagram: these arrows, and no others between the layers."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import sidecar
from tests.paths import ROOT

PACKAGE = ROOT / "sidecar"

# layer -> layers it may import besides itself
ALLOWED: dict[str, set[str]] = {
    "pose": set(),
    "wire": set(),
    "bootstrap": {"wire", "data"},
    "runtimes": {"estimators", "bootstrap", "checkpoints"},
    "media": set(),
    "weights": {"bootstrap", "data"},
    "detectors": {"pose", "runtimes", "weights", "estimators"},
    "estimators": {"pose", "runtimes", "weights", "detectors", "checkpoints", "smpl"},
    "overlay": {"pose"},
    "results": {"pose"},
    "export": {"pose", "results"},
    "report": {"pose", "results", "overlay"},
    "evaluation": {"pose", "export"},
    "restricted_pickle": set(),
    "checkpoints": {"restricted_pickle", "bootstrap"},
    "smpl": {"pose", "restricted_pickle", "checkpoints"},
    "phalp": {"pose", "restricted_pickle", "tracking", "video"},
    "mannequin": {"pose", "media", "overlay"},
    "finding": {"pose", "estimators"},
    "tracking": {"pose", "estimators", "smpl"},
    "video": {
        *("pose", "estimators", "finding", "tracking", "media", "overlay", "weights", "bootstrap", "data"),
        *("smpl", "checkpoints"),
    },
}

HEAVY = {"numpy", "cv2", "openvino", "msgpack", "orjson", "loguru", "psutil", "scipy", "av", "rich", "httpx"}
STDLIB_ONLY = [PACKAGE / "__main__.py", PACKAGE / "__init__.py", PACKAGE / "wire" / "header.py"]
STDLIB_ONLY += sorted((PACKAGE / "bootstrap").glob("*.py"))


def imported_names(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            if node.module == "sidecar":
                names.update(f"sidecar.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_a_layer_imports_only_the_layers_below_it(layer: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((PACKAGE / layer).rglob("*.py"))
        for name in sorted(imported_names(path))
        if name.startswith("sidecar.") and name.split(".")[1] not in ALLOWED[layer] | {layer, "__version__"}
    ]
    assert wrong == []


@pytest.mark.parametrize("path", STDLIB_ONLY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_runs_before_readiness_parses_on_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", STDLIB_ONLY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_runs_before_readiness_imports_the_standard_library_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tops = {
        name.split(".")[0]
        for node in tree.body
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert tops & HEAVY == set()


def test_both_halves_carry_one_version() -> None:
    package = json.loads((ROOT / "node-client" / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == sidecar.__version__


def test_the_npm_package_has_at_most_two_runtime_dependencies() -> None:
    package = json.loads((ROOT / "node-client" / "package.json").read_text(encoding="utf-8"))
    assert len(package.get("dependencies", {})) <= 2


def test_requirement_pins_lie_inside_the_ranges_of_the_distribution() -> None:
    ranges = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9-]+)==", (ROOT / "requirements-core.txt").read_text(encoding="utf-8"), re.M)
    assert pins, "requirements-core.txt pins nothing"
    missing = [name for name in pins if f'"{name}>=' not in ranges]
    assert missing == []
