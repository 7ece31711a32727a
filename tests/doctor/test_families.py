"""Of every further estimator the doctor says at once what it lacks, modules and files, and what brings them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.doctor import families
from sidecar.doctor.families import family_finding, family_findings
from sidecar.doctor.finding import OK, WARNING
from sidecar.estimators import registry
from sidecar.estimators.protocol import EstimatorSpec, OptionError, Requirement
from sidecar.weights.manifest import load_manifest
from sidecar.weights.store import ModelMissing
from tests.readiness.test_hmr2 import bring


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which models are looked for."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr("sidecar.weights.store.search_path", lambda: [folder])
    return folder


def make_spec(*models: str, requires: tuple[Requirement, ...] = ()) -> EstimatorSpec:
    def create(context: object) -> None:
        raise AssertionError("the doctor loads nothing")

    return EstimatorSpec("made", "made", create, requires=requires, models=models)  # type: ignore[arg-type]


def test_every_built_in_family_names_models_that_there_are() -> None:
    known = {model.name for model in load_manifest().models}
    for name in ("vitpose", "hmr2", "hybrid", "torchvision"):
        models = registry.spec(name).models
        assert models
        assert set(models) <= known


def test_all_missing_files_are_told_with_the_command_and_what_to_bring(models: Path) -> None:
    found = next(one for one in family_findings() if one.name == "hybrid")
    assert found.status == OK, "nobody must want it"
    assert "files missing: rtmdet-nano, vitpose-b, hmr2b, smpl-neutral" in found.detail
    assert found.hint is not None
    assert "models pull rtmdet-nano vitpose-b hmr2b" in found.hint
    assert "--as smpl-neutral" in found.hint


def test_what_is_there_is_not_missing(models: Path) -> None:
    bring(models, "hmr2b", "hmr2b.ckpt")
    assert family_finding(make_spec("hmr2b", "smpl-neutral")).detail == "optional; files missing: smpl-neutral"
    bring(models, "smpl-neutral", "SMPL_NEUTRAL.pkl")
    found = family_finding(make_spec("hmr2b", "smpl-neutral"))
    assert (found.status, found.detail, found.hint) == (OK, "can start: hmr2b, smpl-neutral", None)


def test_absent_modules_are_told_beside_absent_files(models: Path) -> None:
    found = family_finding(make_spec("hmr2b", requires=(Requirement("no_such_module", "no-such-package"),)))
    assert found.detail == "optional; modules absent: no_such_module; files missing: hmr2b"
    assert found.command is None, "one command alone mends only a part"
    assert found.hint is not None
    assert "pip install no-such-package" in found.hint
    assert "models pull hmr2b" in found.hint


def test_a_command_that_mends_all_is_given(models: Path) -> None:
    found = family_finding(make_spec("hmr2b"))
    assert found.command is not None
    assert found.command.endswith("models pull hmr2b")


def test_a_broken_plugin_is_named_and_ends_nothing(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = registry.spec

    def broken(name: str) -> EstimatorSpec:
        if name == "hmr2":
            raise OptionError("estimator 'hmr2' cannot be imported")
        return spec(name)

    monkeypatch.setattr(registry, "spec", broken)
    found = {one.name: one for one in family_findings()}
    assert found["hmr2"].status == WARNING
    assert "hybrid" in found


def test_a_plugin_whose_model_nobody_knows_is_named_and_ends_nothing(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = {"made": make_spec("no-such-model"), "hmr2": make_spec("hmr2b")}
    monkeypatch.setattr(registry, "names", lambda: tuple(specs))
    monkeypatch.setattr(registry, "spec", specs.__getitem__)
    first, second = family_findings()
    assert (first.name, first.status) == ("made", WARNING)
    assert "no-such-model" in first.detail
    assert second.detail == "optional; files missing: hmr2b"


def test_a_module_within_an_absent_package_is_absent(models: Path) -> None:
    found = family_finding(make_spec(requires=(Requirement("no_such_package.part", "no-such-package"),)))
    assert found.detail == "optional; modules absent: no_such_package.part"


def test_a_file_that_families_share_is_verified_once(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(models, "hmr2b", "hmr2b.ckpt")
    asked: list[str] = []
    found = families._missing_of

    def counted(model: str) -> ModelMissing | None:
        asked.append(model)
        return found(model)

    monkeypatch.setattr(families, "_missing_of", counted)
    monkeypatch.setattr(registry, "names", lambda: ("one", "other"))
    monkeypatch.setattr(registry, "spec", lambda name: make_spec("hmr2b"))
    assert [one.detail for one in family_findings()] == ["can start: hmr2b"] * 2
    assert asked == ["hmr2b"]
