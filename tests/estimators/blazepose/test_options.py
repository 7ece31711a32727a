from __future__ import annotations

from typing import Any

import pytest

from sidecar.estimators.blazepose import SPEC
from sidecar.estimators.blazepose.loading import DETECTION_MODEL, LANDMARK_MODEL
from sidecar.estimators.blazepose.options import DETECTORS, MODELS, Options, read_options
from sidecar.estimators.protocol import OptionError
from sidecar.weights.manifest import load_manifest


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Options("full", None, 0)),
        ({"detector": "none"}, Options("full", None, 0)),
        ({"detector": "rtmdet-nano"}, Options("full", "rtmdet-nano", 3)),
        ({"detector": "rtmdet-nano", "recrops": "0", "model": "lite"}, Options("lite", "rtmdet-nano", 0)),
    ],
    ids=str,
)
def test_options_are_completed(given: dict[str, Any], expected: Options) -> None:
    assert read_options(given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"detector": "yolo"}, "option detector must be one of none, rtmdet-nano, got 'yolo'"),
        ({"model": "heavy"}, "option model must be one of full, lite, got 'heavy'"),
        ({"detector": "rtmdet-nano", "recrops": 9}, "option recrops must be a whole number from 0 to 8, got 9"),
        ({"recrops": 3}, "option recrops needs a detector; known: rtmdet-nano"),
        ({"treads": 3}, "unknown option 'treads'; known: detector, model, recrops"),
    ],
    ids=str,
)
def test_bad_options_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        read_options(given)


def test_every_model_that_options_can_ask_for_is_in_the_manifest() -> None:
    for name in [DETECTION_MODEL, *(LANDMARK_MODEL + model for model in MODELS), *DETECTORS[1:]]:
        assert load_manifest().entry(name).name == name


def test_the_spec_describes_each_option_and_probes_each_module() -> None:
    assert sorted(SPEC.options) == ["detector", "model", "recrops"]
    assert [requirement.module for requirement in SPEC.requires] == ["numpy", "openvino", "cv2"]
