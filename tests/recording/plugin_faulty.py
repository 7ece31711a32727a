"""An estimator that fails in the way that the width of the image asks for."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sidecar.estimators.null import SPEC as NULL
from sidecar.estimators.protocol import Estimator, Image, LoadContext
from sidecar.pose.person import Person


def raises(error: type[BaseException]) -> Callable[[], Any]:
    def fault() -> Any:
        raise error("as asked")

    return fault


def kills(number: int) -> Callable[[], Any]:
    return lambda: os.kill(os.getpid(), number)


def recurses() -> Any:
    return recurses()


def of_nan() -> Any:
    return [[Person(keypoints=np.full((17, 4), np.nan, np.float32), score=1.0)]]


def of_wrong_shape() -> Any:
    return [[Person(keypoints=np.zeros((3, 4), np.float32), score=1.0)]]


# width of the image in pixels -> what happens
FAULTS: dict[int, Callable[[], Any]] = {
    10: raises(ValueError),
    11: raises(MemoryError),
    12: raises(SystemExit),
    13: raises(KeyError),
    14: raises(StopIteration),
    15: raises(OSError),
    16: raises(AssertionError),
    17: recurses,
    18: lambda: None,
    19: lambda: [],
    20: lambda: [[], []],
    21: lambda: [["nobody"]],
    22: of_nan,
    23: of_wrong_shape,
    24: lambda: sys.exit(0),
    30: lambda: os._exit(0),
    31: lambda: os._exit(1),
    32: lambda: os._exit(7),
    33: os.abort,
    34: kills(signal.SIGSEGV),
    35: kills(signal.SIGILL),
    36: kills(signal.SIGBUS),
    37: kills(signal.SIGFPE),
    38: kills(signal.SIGKILL),
    39: lambda: ctypes.string_at(0),
}


class Faulty:
    def __init__(self, inner: Estimator) -> None:
        self.info = replace(inner.info, name="faulty")
        self._inner = inner

    def estimate(self, images: Sequence[Image], **options: Any) -> list[list[Person]]:
        for image in images:
            if image.shape[1] in FAULTS:
                answer: list[list[Person]] = FAULTS[image.shape[1]]()
                return answer
        return self._inner.estimate(images, **options)

    def close(self) -> None:
        self._inner.close()


def create(context: LoadContext) -> Estimator:
    return Faulty(NULL.create(context))


SPEC = replace(NULL, name="faulty", create=create)
