"""An estimator that looks at nothing and answers at once: for protocol, pool and demo without weights."""

from __future__ import annotations

from sidecar.estimators.options import read_int, reject_unknown
from sidecar.estimators.protocol import Estimator, EstimatorSpec, LoadContext, Requirement

PERSONS_MAX = 64
DELAY_MAX_MS = 60_000


def _create(context: LoadContext) -> Estimator:
    from sidecar.estimators.null.estimator import NullEstimator

    reject_unknown(context.options, known=SPEC.options)
    return NullEstimator(
        persons=read_int(context.options, "persons", low=0, high=PERSONS_MAX, default=0),
        delay_ms=read_int(context.options, "delay_ms", low=0, high=DELAY_MAX_MS, default=0),
    )


SPEC = EstimatorSpec(
    name="null",
    summary="answers at once with nobody, or with fixed figures; needs no weights",
    create=_create,
    requires=(Requirement("numpy", "numpy"),),
    options={
        "persons": f"fixed figures to answer with, 0 to {PERSONS_MAX} (default 0)",
        "delay_ms": f"how long each image's answer takes, 0 to {DELAY_MAX_MS} ms (default 0)",
    },
)
