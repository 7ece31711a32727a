from __future__ import annotations

import sys
from subprocess import run

import pytest

from sidecar.estimators.hmr2 import SPEC
from sidecar.estimators.hmr2.options import read_options
from sidecar.estimators.protocol import OptionError


def test_defaults() -> None:
    options = read_options({})
    assert (options.model, options.detector, options.meshes, options.batch) == ("hmr2b", "rtmdet-nano", False, 16)
    assert (options.torch.device, options.torch.fallback, options.torch.precision) == ("auto", "fail", "auto")


def test_every_option_is_read() -> None:
    given = {"model": "hmr2a", "detector": "fcos-resnet50", "meshes": "on", "batch": "64", "device": "cuda:1",
             "fallback": "cpu", "precision": "bf16"}  # fmt: skip
    assert set(given) == set(SPEC.options)
    options = read_options(given)
    assert (options.model, options.detector, options.meshes, options.batch) == ("hmr2a", "fcos-resnet50", True, 64)
    assert (options.torch.device, options.torch.fallback, options.torch.precision) == ("cuda:1", "cpu", "bf16")


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", "hmr2c"), ("detector", "none"), ("meshes", True), ("meshes", "yes"), ("batch", 0), ("batch", 65),
     ("batch", 2.5), ("device", "gpu"), ("fallback", "yes"), ("precision", "int8"), ("speed", 1)],
)  # fmt: skip
def test_a_bad_option_is_named(name: str, value: object) -> None:
    with pytest.raises(OptionError, match=name):
        read_options({name: value})


def test_naming_it_imports_no_torch() -> None:
    code = "import sys; from sidecar.estimators.registry import spec; spec('hmr2'); print('torch' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
