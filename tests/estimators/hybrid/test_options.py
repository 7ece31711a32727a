from __future__ import annotations

import pytest

from sidecar.estimators.hybrid import SPEC
from sidecar.estimators.hybrid.options import read_options
from sidecar.estimators.protocol import OptionError


def test_the_defaults_are_those_of_both_readers() -> None:
    options = read_options({})
    assert (options.vitpose.model, options.vitpose.flip_test, options.vitpose.runtime) == ("b", True, "auto")
    assert (options.hmr2.model, options.hmr2.meshes, options.hmr2.batch) == ("hmr2b", False, 16)
    assert options.vitpose.detector == options.hmr2.detector == "rtmdet-nano"


def test_what_both_have_reaches_both_and_the_rest_its_own() -> None:
    given = {"vitpose": "s-simple", "hmr2": "hmr2a", "detector": "fcos-resnet50", "device": "cpu", "batch": "3"}
    options = read_options({**given, "meshes": "on", "flip_test": "off"})
    assert (options.vitpose.model, options.hmr2.model) == ("s-simple", "hmr2a")
    assert options.vitpose.detector == options.hmr2.detector == "fcos-resnet50"
    assert options.vitpose.torch == options.hmr2.torch
    assert (options.hmr2.batch, options.hmr2.meshes, options.vitpose.flip_test) == (3, True, False)


def test_weights_of_ones_own_take_the_place_of_published_ones() -> None:
    options = read_options({"vitpose_file": "own.pth"})
    assert str(options.vitpose.file) == "own.pth"
    assert options.hmr2.model == "hmr2b"


BAD: dict[str, tuple[dict[str, object], str]] = {
    "a name of one reader alone": ({"model": "b"}, "unknown option 'model'; known: batch, detector"),
    "a name of ViTPose alone": ({"file": "x.pth"}, "unknown option 'file'"),
    "two sets of weights": (
        {"vitpose": "b", "vitpose_file": "x.pth"},
        "options vitpose and vitpose_file name two sets of weights",
    ),
    "a file that is no path": ({"vitpose_file": 3}, "option vitpose_file must be a path, got 3"),
    "no such ViTPose": ({"vitpose": "xl"}, "option vitpose must be one of s, b, l, h"),
    "no such HMR2": ({"hmr2": "hmr2c"}, "option hmr2 must be one of hmr2b, hmr2a, got 'hmr2c'"),
    "no such detector": ({"detector": "yolo"}, "option detector must be one of rtmdet-nano"),
    "half precision on the CPU": ({"device": "cpu", "precision": "bf16"}, "needs a GPU"),
    "a batch of nobody": ({"batch": 0}, "option batch must be a whole number from 1"),
    "a truth value": ({"meshes": True}, "option meshes must be one of off, on, got True"),
}


@pytest.mark.parametrize(("given", "says"), BAD.values(), ids=BAD)
def test_bad_options_are_named(given: dict[str, object], says: str) -> None:
    with pytest.raises(OptionError, match=says):
        read_options(given)


def test_every_option_is_described() -> None:
    assert set(SPEC.options) == {
        "vitpose", "vitpose_file", "hmr2", "detector", "meshes", "batch", "flip_test", "runtime",
        "device", "fallback", "precision",
    }  # fmt: skip
    assert [one.module for one in SPEC.requires] == ["numpy", "openvino", "cv2", "torch", "scipy"]
