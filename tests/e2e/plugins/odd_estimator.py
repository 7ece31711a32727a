"""A third-party estimator that behaves as its option `does` says, once it is asked for people.

What it does is announced on stderr first, so that a test knows when it is in that state.
"""

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from sidecar.estimators.null import SPEC as NULL
from sidecar.estimators.protocol import CancelToken, Estimator, EstimatorSpec, Image, LoadContext, Requirement

FOREVER_S = 600


def announce(state: str) -> None:
    os.write(2, f"now: {state}\n".encode())


def prints(cancel: CancelToken) -> None:
    print("printed by Python")
    sys.stdout.write("written without a line feed")
    libc = ctypes.CDLL(None)
    libc.printf(b"printed by C\n")
    libc.fflush(None)
    os.write(1, b"written to descriptor 1\n")
    subprocess.run([sys.executable, "-c", "print('printed by a grandchild')"], check=True)
    read = subprocess.run([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"], check=True)
    assert read.returncode == 0


def computes(cancel: CancelToken) -> None:
    end = time.monotonic() + FOREVER_S
    while time.monotonic() < end:
        pass


def holds_the_gil(cancel: CancelToken) -> None:
    ctypes.PyDLL(None).sleep(FOREVER_S)  # PyDLL, unlike CDLL, keeps the GIL


def waits_for_cancel(cancel: CancelToken) -> None:
    while True:
        cancel.raise_if_cancelled()
        time.sleep(0.001)


def ignores_cancel(cancel: CancelToken) -> None:
    time.sleep(0.3)


BEHAVIOURS = {one.__name__: one for one in (prints, computes, holds_the_gil, waits_for_cancel, ignores_cancel)}


class Odd:
    def __init__(self, inner: Estimator, does: str) -> None:
        self.info = inner.info
        self._inner = inner
        self._does = does

    def estimate(self, images: Sequence[Image], *, cancel: CancelToken | None = None, **options: Any) -> Any:
        announce(self._does)
        if cancel is not None and self._does in BEHAVIOURS:
            BEHAVIOURS[self._does](cancel)
        return self._inner.estimate(images, cancel=cancel, **options)

    def close(self) -> None:
        announce("closed")


def _create(context: LoadContext) -> Estimator:
    does = context.options.get("does", "")
    if does == "loads":
        announce(does)
        time.sleep(FOREVER_S)
    if does == "raises":
        raise RuntimeError("the model is made of cheese")
    if does == "runs_out_of_memory":
        raise MemoryError
    return Odd(NULL.create(LoadContext({}, 1, None)), does)


SPEC = EstimatorSpec(
    name="odd", summary="misbehaves", create=_create, requires=(Requirement("numpy", "numpy"),), options={"does": "how"}
)
SLOW_IMPORT = EstimatorSpec(
    name="slow_import", summary="imports for ever", create=_create, requires=(Requirement("slow_module", "slow"),)
)
