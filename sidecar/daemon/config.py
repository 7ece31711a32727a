"""What to load and how: the command line, overridden by INIT. Resolved once; inside nothing is optional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sidecar.bootstrap.argv import ServeFlags
from sidecar.bootstrap.cores import usable_cores
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.hello import PROTOCOL_MAJORS
from sidecar.wire.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True, slots=True)
class Config:
    """A start-up, fully decided.

    Attributes:
        options: the estimator's own, unchecked.
        log_level: None follows the environment (DEBUG_MODE).
        record: file of the flight recorder; None: its ring.
        heartbeat_s, deadline_ms: what INIT asks for; None: the defaults, and no deadline.
    """

    estimator: str
    options: Mapping[str, Any]
    threads: int
    check: bool
    log_level: str | None
    log_format: str
    record: Path | None
    limits: Limits = DEFAULT_LIMITS
    heartbeat_s: float | None = None
    deadline_ms: float | None = None


def from_flags(flags: ServeFlags) -> Config:
    """The command line alone."""
    return Config(
        estimator=flags.estimator,
        options=flags.options,
        threads=flags.threads or usable_cores(),
        check=flags.check,
        log_level=flags.log_level,
        log_format=flags.log_format,
        record=None if flags.record is None else Path(flags.record),
    )


def with_init(config: Config, init: Mapping[str, Any]) -> Config:
    """The command line, overridden by an INIT that fits its schema.

    Raises:
        Failure: VERSION_SKEW: a protocol major we do not speak; CONFIG_INVALID: limits above ours.
    """
    if init["protocol"] not in PROTOCOL_MAJORS:
        raise Failure(
            "VERSION_SKEW",
            f"init asks for protocol {init['protocol']}, this daemon speaks {list(PROTOCOL_MAJORS)}",
            "Install client and daemon of the same version.",
            phase="hello",
            details={"protocol": list(PROTOCOL_MAJORS)},
        )
    return replace(
        config,
        estimator=init.get("estimator", config.estimator),
        options={**config.options, **init.get("options", {})},
        threads=int(init.get("threads", config.threads)),
        log_level=init.get("log_level", config.log_level),
        limits=limits_of(init),
        heartbeat_s=init.get("heartbeat_s"),
        deadline_ms=init.get("deadline_ms"),
    )


def limits_of(init: Mapping[str, Any]) -> Limits:
    """The limits of a connection: ours, or lower where INIT asks for that.

    Raises:
        Failure: CONFIG_INVALID: it asks for higher ones.
    """
    wanted = init.get("limits", {})
    lowered = {}
    for name, ours in DEFAULT_LIMITS._asdict().items():
        value = wanted.get(name, ours)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= ours:
            raise Failure(
                "CONFIG_INVALID",
                f"init.limits.{name} must be a whole number from 1 to {ours}, got {value!r}",
                "INIT may only lower the limits that HELLO names.",
                phase="hello",
            )
        lowered[name] = value
    return Limits(**lowered)
