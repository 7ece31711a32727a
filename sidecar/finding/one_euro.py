"""The one-euro filter and the exponential average, as MediaPipe computes them.

Source: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012; the order of operations, the float32 state and the treatment of
time stamps follow MediaPipe's documented behaviour (util/filtering), so that video mode agrees with it to the digit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

DEFAULT_FREQUENCY_HZ = 30.0  # until two time stamps are known

Values = NDArray[np.float32]


class Exponential:
    """`alpha * value + (1 - alpha) * previous`, with float32 state; the first value passes unchanged."""

    def __init__(self) -> None:
        self._state: Values | None = None

    def apply(self, values: Values, alpha: float | NDArray[np.float64]) -> Values:
        """Filter the next values. `alpha` in (0, 1] is one number, or one per value."""
        if self._state is None:
            self._state = values.astype(np.float32)
        else:
            weight = np.asarray(alpha).astype(np.float32)
            self._state = (weight * values + (1.0 - weight.astype(np.float64)) * self._state).astype(np.float32)
        return self._state


class OneEuro:
    """Low-pass filters arrays of one shape; the faster a value moves, the less it is smoothed."""

    def __init__(self, *, min_cutoff_hz: float, beta: float, derivative_cutoff_hz: float = 1.0) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._derivative_cutoff_hz = derivative_cutoff_hz
        self._frequency_hz = DEFAULT_FREQUENCY_HZ
        self._last_ns = -1
        self._raw: Values | None = None
        self._value = Exponential()
        self._derivative = Exponential()

    def apply(self, values: Values, *, time_ns: int, value_scale: float = 1.0) -> Values:
        """Filter the values of one moment.

        Args:
            values: float32, the same shape in every call.
            time_ns: time stamp; values of a moment that is not after the last one pass unchanged and are forgotten.
            value_scale: brings speeds to a common size, for instance 1 / the object's side in the values' unit.
        """
        if self._last_ns >= time_ns:
            return values
        if self._last_ns != 0 and time_ns != 0:  # a first stamp of 0 leaves the default rate for the second sample too
            self._frequency_hz = 1e9 / (time_ns - self._last_ns)
        self._last_ns = time_ns
        if self._raw is None:
            speed = np.zeros(values.shape, np.float64)
        else:
            speed = (values.astype(np.float64) - self._raw) * value_scale * self._frequency_hz
        self._raw = values.astype(np.float32)
        smooth_speed = self._derivative.apply(speed.astype(np.float32), self._alpha(self._derivative_cutoff_hz))
        cutoff_hz = self._min_cutoff_hz + self._beta * np.abs(smooth_speed.astype(np.float64))
        return self._value.apply(values, self._alpha(cutoff_hz))

    def _alpha(self, cutoff_hz: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
        return 1.0 / (1.0 + self._frequency_hz / (2.0 * math.pi * cutoff_hz))
