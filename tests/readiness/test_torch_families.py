"""Families that need torch say so where it is absent, with the command for the pair; the core never needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.bootstrap.packages import pin_of
from tests.paths import ROOT
from tests.readiness.expect import init_failed, ready
from tests.readiness.scratch import Scratch


@pytest.mark.parametrize("estimator", ["torchvision", "vitpose", "hybrid"])
def test_absent_torch_is_named_with_the_pair_that_was_tried(estimator: str, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["torch", "torchvision"])
    failure = init_failed(scratch.start("--estimator", estimator), scratch)
    assert (failure["code"], failure["phase"], failure["module"]) == ("IMPORT_FAILED", "importing", "torch")
    torch, torchvision = pin_of("torch"), pin_of("torchvision")
    assert torch
    assert torchvision
    assert failure["command"] == f'"{scratch.python}" -m pip install {torch.spec} {torchvision.spec}'


def test_without_torch_the_others_start(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["torch", "torchvision"])
    report = {row["package"]: row for row in ready(scratch.start("--estimator", "null"))["imports"]}
    assert (report["torch"]["status"], report["torch"]["required"]) == ("absent", False)


def test_doctor_names_who_needs_torch_and_the_command_that_brings_it(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, hidden=["torch", "torchvision"])
    done = subprocess.run([scratch.python, "-c", DOCTOR], cwd=ROOT, capture_output=True, text=True, check=True)
    status, detail, command = done.stdout.splitlines()
    assert (status, detail) == ("ok", "absent, optional (vitpose, hmr2, hybrid, torchvision)")
    torch = pin_of("torch")
    assert torch
    assert torch.spec in command
    assert "-m pip install" in command


DOCTOR = "\n".join(
    (
        "from sidecar.doctor.installation import package_findings",
        "found = next(one for one in package_findings({}, shown=set()) if one.name == 'torch')",
        "print(found.status, found.detail, found.command, sep='\\n')",
    )
)
NAMED = "\n".join(
    (
        "import sys",
        "from sidecar.estimators import registry",
        "for name in registry.names(): registry.spec(name)",
        "import sidecar.estimators.blazepose.loading, sidecar.cli.models, sidecar.detectors.loading",
        "print(sorted({'torch', 'torchvision', 'transformers', 'pycocotools'} & set(sys.modules)))",
    )
)


def test_naming_every_estimator_imports_no_torch() -> None:
    done = subprocess.run([sys.executable, "-c", NAMED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
