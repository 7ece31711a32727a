"""The command line, overridden by INIT."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.bootstrap.argv import ServeFlags
from sidecar.bootstrap.failure import Failure
from sidecar.daemon.config import from_flags, with_init
from sidecar.wire.limits import DEFAULT_LIMITS

FLAGS = ServeFlags(estimator="null", options={"a": "1", "b": "2"}, threads=3, log_level="DEBUG")


def test_an_empty_init_changes_nothing() -> None:
    assert with_init(from_flags(FLAGS), {"type": "init", "protocol": 1}) == from_flags(FLAGS)


def test_init_overrides_flags_and_merges_options() -> None:
    init = {
        "protocol": 1,
        "estimator": "blazepose",
        "options": {"b": 3, "c": None},
        "threads": 1.0,
        "log_level": "ERROR",
        "limits": {"pixels": 5, "unknown": "ignored"},
        "heartbeat_s": 0.5,
        "deadline_ms": 100,
    }
    config = with_init(from_flags(FLAGS), init)
    assert (config.estimator, config.options, config.log_level) == ("blazepose", {"a": "1", "b": 3, "c": None}, "ERROR")
    assert (config.threads, type(config.threads)) == (1, int)
    assert config.limits == DEFAULT_LIMITS._replace(pixels=5)
    assert (config.heartbeat_s, config.deadline_ms) == (0.5, 100)


@pytest.mark.parametrize("limits", [{"depth": 33}, {"body_bytes": 0}, {"pixels": -1}, {"depth": "8"}, {"depth": True}])
def test_limits_can_only_be_lowered(limits: dict[str, Any]) -> None:
    with pytest.raises(Failure, match="must be a whole number from 1 to") as caught:
        with_init(from_flags(FLAGS), {"protocol": 1, "limits": limits})
    assert (caught.value.code, caught.value.phase) == ("CONFIG_INVALID", "hello")


def test_another_major_is_skew() -> None:
    with pytest.raises(Failure, match=r"protocol 9, this daemon speaks \[1\]") as caught:
        with_init(from_flags(FLAGS), {"protocol": 9})
    assert caught.value.code == "VERSION_SKEW"
