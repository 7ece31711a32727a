"""BlazePose with its real weights, as the estimator's own tests load it."""

from tests.estimators.blazepose.conftest import load, models_dir

__all__ = ["load", "models_dir"]
