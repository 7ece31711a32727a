"""BlazePose with its real weights, loaded once per set of options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sidecar.estimators.blazepose import SPEC
from sidecar.estimators.protocol import Estimator, LoadContext
from sidecar.weights.manifest import load_manifest
from sidecar.weights.places import search_path
from sidecar.weights.store import ModelMissing, find_in
from tests.paths import FIXTURES

Load = Callable[..., Estimator]


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every model this machine has, from the usual places and from ../shared/fixtures, in one folder."""
    folder = tmp_path_factory.mktemp("models")
    for model in load_manifest().models:
        try:
            found = find_in(model, [*search_path(), FIXTURES / "models"])
        except ModelMissing as missing:
            if model.default:
                pytest.skip(f"weights are absent: {missing.hint}")
        else:
            (folder / model.file).symlink_to(found)
    return folder


@pytest.fixture(scope="session")
def load(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """`load(threads=1, detector="rtmdet-nano", ...)`: a loaded estimator, shared by all who ask for the same."""
    compiled = tmp_path_factory.mktemp("compiled")

    @cache
    def call(*, threads: int = 1, **options: str | int) -> Estimator:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("POSE_MODELS_DIR", str(models_dir))
            return SPEC.create(LoadContext(options=options, threads=threads, cache_dir=compiled))

    yield call
    call.cache_clear()
